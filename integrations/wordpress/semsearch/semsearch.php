<?php
/**
 * Plugin Name: semsearch: You May Also Like
 * Description: Shows related articles under each post, and keeps the search index up to date as posts are saved.
 * Version: 0.1.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * License: Apache-2.0
 * Text Domain: semsearch
 * Domain Path: /languages
 *
 * The site never waits longer than two seconds for the engine, and never shows an error of it to a reader.
 */

defined( 'ABSPATH' ) || exit;

const SEMSEARCH_TIMEOUT  = 2;      // Seconds to wait for the engine.
const SEMSEARCH_KEEP     = 300;    // Seconds to keep a list at most.
const SEMSEARCH_REST     = 60;     // Seconds to leave an engine alone that did not answer.
const SEMSEARCH_MOST     = 500000; // Bytes of an answer that are read.
const SEMSEARCH_TRIES    = 10;     // Times a change is sent again, each after twice the time: about 17 hours.
const SEMSEARCH_EMBEDDED = array( 'author', 'wp:term', 'wp:featuredmedia' ); // Of a post, beside its own fields.
const SEMSEARCH_DEFAULTS = array(
	'address' => '',
	'public'  => '',
	'key'     => '',
	'show'    => 'html',
	'heading' => 'You May Also Like',
	'limit'   => 5,
	'events'  => false,
);

require_once __DIR__ . '/includes/writing.php';
require_once __DIR__ . '/includes/settings.php';

add_action( 'init', 'semsearch_translations' );
add_filter( 'the_content', 'semsearch_under_post', 20 );
add_action( 'wp_after_insert_post', 'semsearch_on_save', 20, 4 ); // Unlike save_post after tags and categories, too.
add_action( 'before_delete_post', 'semsearch_on_delete', 10, 1 );
add_action( 'semsearch_send', 'semsearch_send', 10, 2 );
add_action( 'admin_menu', 'semsearch_menu' );
add_action( 'admin_init', 'semsearch_register' );
register_deactivation_hook( __FILE__, 'semsearch_deactivate' );

/** The words of the plugin in the language of the site. */
function semsearch_translations() {
	load_plugin_textdomain( 'semsearch', false, dirname( plugin_basename( __FILE__ ) ) . '/languages' );
}

/** Nothing is sent any more. */
function semsearch_deactivate() {
	wp_unschedule_hook( 'semsearch_send' );
}

/** The settings; the key may stand in wp-config.php instead, as SEMSEARCH_KEY. */
function semsearch_settings() {
	$saved = get_option( 'semsearch', array() );
	$found = array_merge( SEMSEARCH_DEFAULTS, is_array( $saved ) ? $saved : array() );
	if ( defined( 'SEMSEARCH_KEY' ) ) {
		$found['key'] = SEMSEARCH_KEY;
	}
	if ( SEMSEARCH_DEFAULTS['heading'] === $found['heading'] ) {
		$found['heading'] = __( 'You May Also Like', 'semsearch' );
	}
	return $found;
}

/** The id of a post in the index: its number, as `semsearch articles sync` reads it. */
function semsearch_id( $post_id ) {
	return (string) apply_filters( 'semsearch_article_id', (string) $post_id, $post_id );
}

/** The address of the engine for a path, or '' where no usable address is set. */
function semsearch_url( $path, $address = null ) {
	$address = null === $address ? semsearch_settings()['address'] : $address;
	return preg_match( '#^https?://#i', $address ) ? rtrim( $address, '/' ) . $path : '';
}

/* Reading: the list under a post. */

/** The content of a single post with its list, once: not that of other posts on the page, and in no excerpt. */
function semsearch_under_post( $content ) {
	static $done = null;
	if ( ! is_singular( 'post' ) || ! in_the_loop() || ! is_main_query() || post_password_required() ) {
		return $content;
	}
	if ( doing_filter( 'get_the_excerpt' ) || get_the_ID() !== get_queried_object_id() || get_the_ID() === $done ) {
		return $content;
	}
	$done = get_the_ID();
	$settings = semsearch_settings();
	if ( 'html' === $settings['show'] ) {
		return $content . semsearch_html( get_the_ID(), $settings );
	}
	return 'widget' === $settings['show'] ? $content . semsearch_widget( get_the_ID(), $settings ) : $content;
}

/** The languages that a list keeps to: 'own' (that of the post), a code, or '' to leave it to the engine. */
function semsearch_language( $post_id ) {
	return (string) apply_filters( 'semsearch_language', '', $post_id );
}

/** The list as HTML from the engine; '' where there is none. */
function semsearch_html( $post_id, $settings ) {
	$query = http_build_query(
		array_filter(
			array(
				'limit'    => (int) $settings['limit'],
				'heading'  => (string) $settings['heading'],
				'language' => semsearch_language( $post_id ),
			),
			function ( $value, $name ) {
				return 'language' !== $name || '' !== $value;
			},
			ARRAY_FILTER_USE_BOTH
		),
		'',
		'&'
	);
	$url   = semsearch_url( '/v1/articles/' . rawurlencode( semsearch_id( $post_id ) ) . '/related.html?' . $query );
	if ( '' === $url ) {
		return '';
	}
	$name = 'semsearch_' . md5( $url );
	$kept = get_transient( $name );
	if ( is_string( $kept ) ) {
		return $kept;
	}
	$answer = semsearch_ask( 'GET', $url, null );
	$good   = 200 === $answer['status'];
	$html   = $good ? wp_kses( $answer['body'], semsearch_allowed() ) : '';
	if ( 0 !== $answer['status'] ) {
		set_transient( $name, $html, $good ? semsearch_keep( $answer['cache'] ) : SEMSEARCH_REST );
	}
	return $html;
}

/** Seconds to keep a list: as long as the engine lets caches keep it, for then an article may appear or expire. */
function semsearch_keep( $cache ) {
	preg_match_all( '/(?:max-age|stale-while-revalidate)=(\d+)/', $cache, $found );
	return max( 1, min( SEMSEARCH_KEEP, array_sum( array_map( 'intval', $found[1] ) ) ) );
}

/** What the engine's HTML may hold. */
function semsearch_allowed() {
	$plain = array(
		'class'      => true,
		'dir'        => true,
		'lang'       => true,
		'aria-label' => true,
	);
	return array(
		'aside' => $plain,
		'h2'    => $plain,
		'ol'    => $plain,
		'li'    => $plain,
		'span'  => $plain,
		'a'     => $plain + array( 'href' => true ),
		'time'  => array( 'datetime' => true ),
	);
}

/** The element that loads the list in the browser. */
function semsearch_widget( $post_id, $settings ) {
	$public = $settings['public'] ? $settings['public'] : $settings['address'];
	$script = semsearch_url( '/widget.js', $public );
	if ( '' === $script ) {
		return '';
	}
	wp_enqueue_script( 'semsearch-widget', $script, array(), null, true );
	return sprintf(
		'<you-may-also-like article="%s" limit="%d" heading="%s" endpoint="%s"%s%s></you-may-also-like>',
		esc_attr( semsearch_id( $post_id ) ),
		(int) $settings['limit'],
		esc_attr( $settings['heading'] ),
		esc_url( semsearch_url( '/', $public ) ),
		'' === semsearch_language( $post_id ) ? '' : ' language="' . esc_attr( semsearch_language( $post_id ) ) . '"',
		$settings['events'] ? ' events' : ''
	);
}

/* Both ways. */

/**
 * Ask the engine: array( status, body, cache ), status 0 where it does not answer. Then nobody, reader or editor, waits
 * for it again for a while; only what comes from cron ($patient) does.
 */
function semsearch_ask( $method, $url, $article, $patient = false ) {
	$none = array(
		'status' => 0,
		'body'   => '',
		'cache'  => '',
	);
	if ( ! $patient && get_transient( 'semsearch_away' ) ) {
		return $none;
	}
	$key     = semsearch_settings()['key'];
	$request = array(
		'method'              => $method,
		'timeout'             => SEMSEARCH_TIMEOUT,
		'redirection'         => 0,
		'limit_response_size' => SEMSEARCH_MOST,
		'headers'             => '' === $key ? array() : array( 'Authorization' => 'Bearer ' . $key ),
	);
	if ( null !== $article ) {
		$request['body']                    = wp_json_encode( $article );
		$request['headers']['Content-Type'] = 'application/json';
	}
	$answer = wp_remote_request( $url, $request );
	$status = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
	if ( 0 === $status || ( 'GET' === $method && $status >= 500 ) ) {
		set_transient( 'semsearch_away', '1', SEMSEARCH_REST );
	}
	return is_wp_error( $answer ) ? $none : array(
		'status' => $status,
		'body'   => (string) wp_remote_retrieve_body( $answer ),
		'cache'  => implode( ', ', (array) wp_remote_retrieve_header( $answer, 'cache-control' ) ),
	);
}
