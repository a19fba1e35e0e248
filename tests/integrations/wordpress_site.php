<?php
// As much of WordPress as the plugin uses, in memory, with real HTTP. Reads commands as JSON from standard
// input and writes what came of each as a JSON list.

error_reporting( E_ALL );
set_error_handler( function ( $level, $words, $file, $line ) {
	throw new ErrorException( $words, 0, $level, $file, $line );
} );
define( 'ABSPATH', '/' );
class WP_Error {}

define( 'WP_UNINSTALL_PLUGIN', 'semsearch/semsearch.php' );
$hooks   = $posts = $meta = $transients = $later = $enqueued = $wrong = $kept = array();
$options = array();
$shown   = null;
$tries   = 0;
$foreign = false;
$user    = 7; // An editor saves.
$rest_broken = false;

function __( $text, $domain ) { return 'semsearch' === $domain && $GLOBALS['foreign'] ? strtoupper( $text ) : $text; }
function esc_html__( $text, $domain ) { return esc_html( __( $text, $domain ) ); }
function load_plugin_textdomain( $domain, $no, $folder ) { $GLOBALS['foreign'] = true; }
function plugin_basename( $file ) { return 'semsearch/semsearch.php'; }
function register_deactivation_hook( $file, $call ) { add_action( 'deactivate', $call ); }
function wp_unschedule_hook( $hook ) { $GLOBALS['later'] = array_values( array_filter( $GLOBALS['later'], function ( $one ) use ( $hook ) { return $hook !== $one[1]; } ) ); }
function add_settings_error( $setting, $code, $words ) { $GLOBALS['wrong'][] = $words; }
function delete_option( $name ) { unset( $GLOBALS['options'][ $name ] ); }
function delete_transient( $name ) { unset( $GLOBALS['transients'][ $name ] ); }
function delete_post_meta_by_key( $name ) { foreach ( $GLOBALS['meta'] as &$one ) { unset( $one[ $name ] ); } }
function is_multisite() { return false; }
function post_password_required() { $post = get_post( get_the_ID() ); return $post && '' !== $post->post_password; }

function add_filter( $name, $call ) { $GLOBALS['hooks'][ $name ][] = $call; }
function add_action( $name, $call ) { add_filter( $name, $call ); }
function apply_filters( $name, $value, ...$rest ) {
	foreach ( $GLOBALS['hooks'][ $name ] ?? array() as $call ) { $value = $call( $value, ...$rest ); }
	return $value;
}
function do_action( $name, ...$rest ) { foreach ( $GLOBALS['hooks'][ $name ] ?? array() as $call ) { $call( ...$rest ); } }
function get_option( $name, $default = false ) { return $GLOBALS['options'][ $name ] ?? $default; }
function get_transient( $name ) { return $GLOBALS['transients'][ $name ] ?? false; }
function set_transient( $name, $value, $seconds ) { $GLOBALS['transients'][ $name ] = $value; $GLOBALS['kept'][] = $seconds; }
function get_post_meta( $id, $name, $single ) { return $GLOBALS['meta'][ $id ][ $name ] ?? ''; }
function update_post_meta( $id, $name, $value ) { $GLOBALS['meta'][ $id ][ $name ] = $value; }
function delete_post_meta( $id, $name ) { unset( $GLOBALS['meta'][ $id ][ $name ] ); }
function wp_schedule_single_event( $at, $hook, $args ) { $GLOBALS['later'][] = array( $at - time(), $hook, $args ); }
function wp_enqueue_script( $name, $src ) { $GLOBALS['enqueued'][] = $src; }
function get_post( $id ) { return $GLOBALS['posts'][ $id ] ?? null; }
function get_the_ID() { return $GLOBALS['shown']; }
function is_singular( $type ) { return null !== $GLOBALS['shown']; }
function in_the_loop() { return true; }
function is_main_query() { return true; }
function wp_is_post_revision( $id ) { return false; }
function wp_is_post_autosave( $id ) { return false; }
function get_queried_object_id() { return $GLOBALS['asked'] ?? $GLOBALS['shown']; }
function doing_filter( $name ) { return false; }
function get_current_user_id() { return $GLOBALS['user']; }
function wp_set_current_user( $id ) { $GLOBALS['user'] = $id; }
function setup_postdata( $post ) {}
function rest_get_route_for_post( $post ) { return '/wp/v2/posts/' . $post->ID; }
function rest_do_request( $request ) { return new WP_REST_Response( rest_post( get_post( (int) basename( $request->route ) ) ) ); }
function rest_get_server() { return new WP_REST_Server(); }
class WP_Post {}
class WP_REST_Request {
	public $route;
	public function __construct( $method, $route ) { $this->route = $route; }
}
class WP_REST_Response {
	public $data;
	public function __construct( $data ) { $this->data = $data; }
	public function is_error() { return $GLOBALS['rest_broken']; }
}
class WP_REST_Server {
	public function response_to_data( $answer, $embed ) {
		$terms    = array(
			array( array( 'id' => 2, 'taxonomy' => 'category', 'name' => 'Local &amp; near' ), array( 'id' => 3, 'taxonomy' => 'category', 'name' => 'Parks' ) ),
			array( array( 'id' => 4, 'taxonomy' => 'post_tag', 'name' => 'schools' ) ),
		);
		$embedded = array( 'author' => array( array( 'id' => 1, 'name' => 'Ada Marsh' ) ), 'wp:term' => $terms, 'wp:featuredmedia' => array( array( 'source_url' => 'https://blog.example/school.jpg' ) ) );
		return $answer->data + array( '_links' => array( 'self' => array() ), '_embedded' => array_intersect_key( $embedded, array_flip( $embed ) ) );
	}
}
/** What the REST interface says of a post, to those who are logged in a little more. */
function rest_post( $post ) {
	return array(
		'id'           => $post->ID,
		'date_gmt'     => str_replace( ' ', 'T', $post->post_date_gmt ),
		'modified_gmt' => str_replace( ' ', 'T', $post->post_modified_gmt ),
		'status'       => $post->post_status,
		'link'         => 'https://blog.example/' . $post->ID,
		'title'        => array( 'rendered' => $post->post_title ),
		'content'      => array( 'rendered' => $post->post_content . ( $GLOBALS['user'] ? '<p>For members</p>' : '' ), 'protected' => false ),
		'excerpt'      => array( 'rendered' => $post->post_excerpt ?? '' ),
	);
}
function wp_json_encode( $value ) { return json_encode( $value ); }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_url( $url ) { return esc_attr( $url ); }
function esc_url_raw( $url, $protocols ) { return preg_match( '#^https?://#', $url ) ? $url : ''; }
function sanitize_text_field( $text ) { return trim( strip_tags( $text ) ); }
function selected( $a, $b ) { return $a === $b ? ' selected' : ''; }
function checked( $a, $b ) { return $a === $b ? ' checked' : ''; }
function current_user_can( $what ) { return true; }
function settings_fields( $group ) { echo '<input type="hidden" name="option_page" value="' . esc_attr( $group ) . '">'; }
function submit_button() { echo '<button>Save</button>'; }
function add_options_page( $title, $menu, $capability, $slug, $call ) { $GLOBALS['settings_page'] = $call; }
function register_setting( $group, $name, $args ) { $GLOBALS['sanitize'] = $args['sanitize_callback']; }
function is_wp_error( $thing ) { return $thing instanceof WP_Error; }
function wp_remote_retrieve_response_code( $answer ) { return $answer['code']; }
function wp_remote_retrieve_header( $answer, $name ) { return $answer['headers'][ $name ] ?? ''; }
function wp_remote_retrieve_body( $answer ) { return $answer['body']; }
function wp_kses( $html, $allowed ) { return strip_tags( $html, '<' . implode( '><', array_keys( $allowed ) ) . '>' ); }

function wp_remote_request( $url, $args ) {
	if ( $args['timeout'] > 2 ) { throw new Exception( 'too patient' ); }
	$GLOBALS['tries']++;
	$headers = '';
	foreach ( $args['headers'] as $name => $value ) { $headers .= "$name: $value\r\n"; }
	$http   = array( 'method' => $args['method'], 'header' => $headers, 'content' => $args['body'] ?? '', 'timeout' => $args['timeout'], 'ignore_errors' => true, 'follow_location' => 0 );
	$handle = null;
	try {
		$handle = fopen( $url, 'r', false, stream_context_create( array( 'http' => $http ) ) );
	} catch ( ErrorException $e ) {
		return new WP_Error();
	}
	$lines = stream_get_meta_data( $handle )['wrapper_data'];
	$given = array();
	foreach ( array_slice( $lines, 1 ) as $line ) {
		list( $name, $value ) = array_pad( explode( ':', $line, 2 ), 2, '' );
		$given[ strtolower( $name ) ] = trim( $value );
	}
	return array( 'code' => (int) explode( ' ', $lines[0] )[1], 'body' => stream_get_contents( $handle ), 'headers' => $given );
}

require dirname( __DIR__, 2 ) . '/integrations/wordpress/semsearch/semsearch.php';

function run_command( $command ) {
	global $posts, $shown, $options, $meta, $later, $enqueued, $transients;
	switch ( $command['do'] ) {
		case 'settings':
			do_action( 'admin_init' );
			$options['semsearch'] = $GLOBALS['sanitize']( $command['value'] );
			return $options['semsearch'];
		case 'page':
			do_action( 'admin_menu' );
			ob_start();
			$GLOBALS['settings_page']();
			return ob_get_clean();
		case 'save':
			$before = $posts[ $command['post']['ID'] ] ?? null;
			$posts[ $command['post']['ID'] ] = (object) $command['post'];
			do_action( 'wp_after_insert_post', $command['post']['ID'], $posts[ $command['post']['ID'] ], (bool) $before, $before );
			return $meta[ $command['post']['ID'] ]['_semsearch_sent'] ?? null;
		case 'delete':
			do_action( 'before_delete_post', $command['id'] );
			unset( $posts[ $command['id'] ] );
			return null;
		case 'show':
			$shown = $command['id'];
			$GLOBALS['asked'] = $command['page'] ?? $shown;
			return apply_filters( 'the_content', '<p>Post</p>' );
		case 'break':
			$GLOBALS['rest_broken'] = $command['on'];
			return null;
		case 'forget':
			$transients = array();
			return null;
		case 'unmark':
			$meta = array();
			return null;
		case 'translate':
			do_action( 'init' );
			return null;
		case 'deactivate':
			do_action( 'deactivate' );
			return $later;
		case 'uninstall':
			require dirname( __DIR__, 2 ) . '/integrations/wordpress/semsearch/uninstall.php';
			return array( $options, array_filter( $meta ), $transients, $later );
		case 'cron':
			$due   = $later;
			$later = array();
			foreach ( $due as list( , $hook, $args ) ) { do_action( $hook, ...$args ); }
			return $due;
	}
	return array( 'later' => $later, 'enqueued' => $enqueued, 'tries' => $GLOBALS['tries'], 'wrong' => $GLOBALS['wrong'], 'kept' => $GLOBALS['kept'] );
}

echo json_encode( array_map( 'run_command', json_decode( stream_get_contents( STDIN ), true ) ) );
