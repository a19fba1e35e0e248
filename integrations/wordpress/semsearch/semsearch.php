<?php
/**
 * Plugin Name: semsearch: You May Also Like
 * Description: Shows related articles under each post, and keeps the search index up to date as posts are saved.
 * Version: 0.1.0
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * License: Apache-2.0
 * Text Domain: semsearch
 *
 * The site never waits longer than two seconds for the engine, and never shows an error of it to a reader.
 */

defined( 'ABSPATH' ) || exit;

const SEMSEARCH_TIMEOUT  = 2;   // Seconds to wait for the engine.
const SEMSEARCH_KEEP     = 300; // Seconds to keep a list.
const SEMSEARCH_REST     = 60;  // Seconds to leave an engine alone that did not answer.
const SEMSEARCH_TRIES    = 5;   // Times a change is sent again, each after twice the time.
const SEMSEARCH_DEFAULTS = array(
	'address' => '',
	'public'  => '',
	'key'     => '',
	'show'    => 'html',
	'heading' => 'You May Also Like',
	'limit'   => 5,
	'events'  => false,
);

add_filter( 'the_content', 'semsearch_under_post', 20 );
add_action( 'wp_after_insert_post', 'semsearch_on_save', 20, 2 ); // Unlike save_post after tags and categories, too.
add_action( 'before_delete_post', 'semsearch_on_delete', 10, 1 );
add_action( 'semsearch_send', 'semsearch_send', 10, 2 );
add_action( 'admin_menu', 'semsearch_menu' );
add_action( 'admin_init', 'semsearch_register' );

/** The settings; the key may stand in wp-config.php instead, as SEMSEARCH_KEY. */
function semsearch_settings() {
	$saved = get_option( 'semsearch', array() );
	$found = array_merge( SEMSEARCH_DEFAULTS, is_array( $saved ) ? $saved : array() );
	if ( defined( 'SEMSEARCH_KEY' ) ) {
		$found['key'] = SEMSEARCH_KEY;
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

/** The content of a single post with its list. */
function semsearch_under_post( $content ) {
	if ( ! is_singular( 'post' ) || ! in_the_loop() || ! is_main_query() ) {
		return $content;
	}
	$settings = semsearch_settings();
	if ( 'html' === $settings['show'] ) {
		return $content . semsearch_html( get_the_ID(), $settings );
	}
	return 'widget' === $settings['show'] ? $content . semsearch_widget( get_the_ID(), $settings ) : $content;
}

/** The list as HTML from the engine; '' where there is none. */
function semsearch_html( $post_id, $settings ) {
	$query = http_build_query(
		array(
			'limit'   => (int) $settings['limit'],
			'heading' => (string) $settings['heading'],
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
	if ( 200 !== $answer['status'] ) {
		return '';
	}
	$html = wp_kses( $answer['body'], semsearch_allowed() );
	set_transient( $name, $html, SEMSEARCH_KEEP );
	return $html;
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
		'<you-may-also-like article="%s" limit="%d" heading="%s" endpoint="%s"%s></you-may-also-like>',
		esc_attr( semsearch_id( $post_id ) ),
		(int) $settings['limit'],
		esc_attr( $settings['heading'] ),
		esc_url( semsearch_url( '/', $public ) ),
		$settings['events'] ? ' events' : ''
	);
}

/* Writing: posts as they are saved and deleted. */

/** A post was saved: send it, or take it out of the index where readers no longer see it. */
function semsearch_on_save( $post_id, $post ) {
	if ( 'post' !== $post->post_type || wp_is_post_revision( $post_id ) || wp_is_post_autosave( $post_id ) ) {
		return;
	}
	if ( semsearch_is_public( $post ) || get_post_meta( $post_id, '_semsearch_sent', true ) ) {
		semsearch_send( $post_id );
	}
}

/** A post is about to be deleted for good. */
function semsearch_on_delete( $post_id ) {
	if ( get_post_meta( $post_id, '_semsearch_sent', true ) && ! semsearch_change( 'DELETE', $post_id, null ) ) {
		semsearch_later( $post_id, 0 );
	}
}

/** Whether everybody may read a post. */
function semsearch_is_public( $post ) {
	return 'publish' === $post->post_status && '' === (string) $post->post_password;
}

/** Send a post as it is now; where that fails, again later. */
function semsearch_send( $post_id, $tries = 0 ) {
	$post   = get_post( $post_id );
	$public = $post && semsearch_is_public( $post );
	$done   = $public
		? semsearch_change( 'PUT', $post_id, semsearch_article( $post ) )
		: semsearch_change( 'DELETE', $post_id, null );
	if ( $done && $public ) {
		update_post_meta( $post_id, '_semsearch_sent', '1' );
	} elseif ( $done ) {
		delete_post_meta( $post_id, '_semsearch_sent' );
	} else {
		semsearch_later( $post_id, $tries );
	}
}

/** Send a post again later, a few times at most. */
function semsearch_later( $post_id, $tries ) {
	if ( $tries < SEMSEARCH_TRIES ) {
		wp_schedule_single_event( time() + 60 * 2 ** $tries, 'semsearch_send', array( $post_id, $tries + 1 ) );
	}
}

/** A post as the engine takes it; the engine takes off HTML itself. */
function semsearch_article( $post ) {
	$article    = array(
		'title'        => html_entity_decode( wp_strip_all_tags( $post->post_title ), ENT_QUOTES, 'UTF-8' ),
		'body'         => strip_shortcodes( $post->post_content ),
		'url'          => (string) get_permalink( $post ),
		'published_at' => semsearch_moment( $post->post_date_gmt ),
		'updated_at'   => semsearch_moment( $post->post_modified_gmt ),
		'author'       => (string) get_the_author_meta( 'display_name', $post->post_author ),
		'tags'         => semsearch_terms( $post->ID, 'post_tag' ),
		'language'     => substr( get_locale(), 0, 2 ),
	);
	$categories = semsearch_terms( $post->ID, 'category' );
	if ( $categories ) {
		$article['section'] = $categories[0];
	}
	return array_filter( apply_filters( 'semsearch_article', $article, $post ) );
}

/** A time of the database as ISO 8601; '' for the zeros of a post without one. */
function semsearch_moment( $gmt ) {
	return $gmt && '0000-00-00 00:00:00' !== $gmt ? str_replace( ' ', 'T', $gmt ) . 'Z' : '';
}

/** The names of a post's terms. */
function semsearch_terms( $post_id, $taxonomy ) {
	$names = wp_get_post_terms( $post_id, $taxonomy, array( 'fields' => 'names' ) );
	return is_array( $names ) ? array_values( $names ) : array();
}

/** Send one change; whether it is done, or can never be. */
function semsearch_change( $method, $post_id, $article ) {
	$url = semsearch_url( '/v1/articles/' . rawurlencode( semsearch_id( $post_id ) ) );
	if ( '' === $url || '' === semsearch_settings()['key'] ) {
		return true;
	}
	$status = semsearch_ask( $method, $url, $article )['status'];
	// Refused for what it says (4xx) it would be again; a key or a rate can be mended, and a missing one is gone.
	return $status >= 200 && $status < 500 && ! in_array( $status, array( 401, 403, 409, 429 ), true );
}

/** Ask the engine: array( status, body ), status 0 where it does not answer. Readers never wait twice. */
function semsearch_ask( $method, $url, $article ) {
	$reads = 'GET' === $method;
	$none  = array(
		'status' => 0,
		'body'   => '',
	);
	if ( $reads && get_transient( 'semsearch_away' ) ) {
		return $none;
	}
	$key     = semsearch_settings()['key'];
	$request = array(
		'method'      => $method,
		'timeout'     => SEMSEARCH_TIMEOUT,
		'redirection' => 0,
		'headers'     => '' === $key ? array() : array( 'Authorization' => 'Bearer ' . $key ),
	);
	if ( null !== $article ) {
		$request['body']                    = wp_json_encode( $article );
		$request['headers']['Content-Type'] = 'application/json';
	}
	$answer = wp_remote_request( $url, $request );
	$status = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
	if ( $reads && ( 0 === $status || $status >= 500 ) ) {
		set_transient( 'semsearch_away', '1', SEMSEARCH_REST );
	}
	return is_wp_error( $answer ) ? $none : array(
		'status' => $status,
		'body'   => (string) wp_remote_retrieve_body( $answer ),
	);
}

/* The page of settings. */

/** Its place in the menu. */
function semsearch_menu() {
	add_options_page( 'semsearch', 'semsearch', 'manage_options', 'semsearch', 'semsearch_page' );
}

/** What is saved, and how it is checked. */
function semsearch_register() {
	register_setting( 'semsearch', 'semsearch', array( 'sanitize_callback' => 'semsearch_sanitize' ) );
}

/** Settings as they may be saved; an empty key leaves the saved one. */
function semsearch_sanitize( $given ) {
	$given = is_array( $given ) ? $given : array();
	$old   = array_merge( SEMSEARCH_DEFAULTS, (array) get_option( 'semsearch', array() ) );
	$key   = sanitize_text_field( isset( $given['key'] ) ? $given['key'] : '' );
	return array(
		'address' => esc_url_raw( isset( $given['address'] ) ? $given['address'] : '', array( 'http', 'https' ) ),
		'public'  => esc_url_raw( isset( $given['public'] ) ? $given['public'] : '', array( 'http', 'https' ) ),
		'key'     => '' === $key ? $old['key'] : $key,
		'show'    => in_array( $given['show'] ?? '', array( 'html', 'widget', 'no' ), true ) ? $given['show'] : 'html',
		'heading' => sanitize_text_field( isset( $given['heading'] ) ? $given['heading'] : '' ),
		'limit'   => max( 1, min( 20, (int) ( $given['limit'] ?? 5 ) ) ),
		'events'  => ! empty( $given['events'] ),
	);
}

/** The page. */
function semsearch_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings = semsearch_settings();
	$fields   = array(
		'address' => array( 'Address of the engine', 'url', 'As this server reaches it, such as http://127.0.0.1:8000' ),
		'public'  => array( 'Public address', 'url', 'As browsers reach it; only for the element. Empty: the same.' ),
		'key'     => array( 'Key', 'password', 'Made with: semsearch keys create --scope write. Empty leaves the saved one.' ),
		'heading' => array( 'Heading', 'text', '' ),
		'limit'   => array( 'Articles', 'number', '' ),
	);
	echo '<div class="wrap"><h1>semsearch</h1><form method="post" action="options.php">';
	settings_fields( 'semsearch' );
	echo '<table class="form-table" role="presentation">';
	foreach ( $fields as $name => list( $label, $type, $help ) ) {
		printf(
			'<tr><th scope="row"><label for="semsearch-%1$s">%2$s</label></th><td><input id="semsearch-%1$s" name="semsearch[%1$s]" type="%3$s" value="%4$s" class="regular-text" autocomplete="off"><p class="description">%5$s</p></td></tr>',
			esc_attr( $name ),
			esc_html( $label ),
			esc_attr( $type ),
			esc_attr( 'key' === $name ? '' : $settings[ $name ] ),
			esc_html( $help )
		);
	}
	echo '<tr><th scope="row"><label for="semsearch-show">Show under posts</label></th><td><select id="semsearch-show" name="semsearch[show]">';
	foreach ( array( 'html' => 'HTML, put in by this server', 'widget' => 'The element, loaded by the browser', 'no' => 'Nothing' ) as $value => $label ) {
		printf( '<option value="%s"%s>%s</option>', esc_attr( $value ), selected( $settings['show'], $value, false ), esc_html( $label ) );
	}
	echo '</select></td></tr>';
	printf(
		'<tr><th scope="row">Events</th><td><label><input type="checkbox" name="semsearch[events]" value="1"%s> Count what is seen and clicked (the element only; no cookies)</label></td></tr>',
		checked( (bool) $settings['events'], true, false )
	);
	echo '</table>';
	submit_button();
	echo '</form></div>';
}
