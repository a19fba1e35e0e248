<?php
/**
 * The page of settings.
 */

defined( 'ABSPATH' ) || exit;

/** Its place in the menu. */
function semsearch_menu() {
	add_options_page( 'semsearch', 'semsearch', 'manage_options', 'semsearch', 'semsearch_page' );
}

/** What is saved, and how it is checked; options.php asks for the nonce and for manage_options. */
function semsearch_register() {
	register_setting(
		'semsearch',
		'semsearch',
		array(
			'type'              => 'array',
			'default'           => array(),
			'sanitize_callback' => 'semsearch_sanitize',
		)
	);
}

/** Settings as they may be saved; an empty key leaves the saved one, unless it is to be forgotten. */
function semsearch_sanitize( $given ) {
	$given = is_array( $given ) ? $given : array();
	$saved = get_option( 'semsearch', array() );
	$old   = array_merge( SEMSEARCH_DEFAULTS, is_array( $saved ) ? $saved : array() );
	$key   = sanitize_text_field( $given['key'] ?? '' );
	if ( '' === $key && empty( $given['forget'] ) ) {
		$key = $old['key'];
	}
	return array(
		'address' => semsearch_address( $given['address'] ?? '' ),
		'public'  => semsearch_address( $given['public'] ?? '' ),
		'key'     => $key,
		'show'    => in_array( $given['show'] ?? '', array( 'html', 'widget', 'no' ), true ) ? $given['show'] : 'html',
		'heading' => sanitize_text_field( $given['heading'] ?? '' ),
		'limit'   => max( 1, min( 20, (int) ( $given['limit'] ?? 5 ) ) ),
		'events'  => ! empty( $given['events'] ),
	);
}

/** An address as it may be saved; what is none is told, and left out. */
function semsearch_address( $given ) {
	$given = trim( (string) $given );
	$clean = preg_match( '#^https?://#i', $given ) ? esc_url_raw( $given, array( 'http', 'https' ) ) : '';
	if ( '' !== $given && '' === $clean ) {
		/* translators: %s: what was typed */
		$words = __( '%s is no address; it begins with http:// or https://, such as http://127.0.0.1:8000', 'semsearch' );
		add_settings_error( 'semsearch', 'address', sprintf( $words, esc_html( $given ) ) );
	}
	return $clean;
}

/** The fields of one line: name => array( label, type, help ). */
function semsearch_fields() {
	$key_help = defined( 'SEMSEARCH_KEY' )
		? __( 'SEMSEARCH_KEY of wp-config.php is used instead.', 'semsearch' )
		: __( 'Made with: semsearch keys create --scope write. Empty leaves the saved one.', 'semsearch' );
	return array(
		'address' => array(
			__( 'Address of the engine', 'semsearch' ),
			'url',
			__( 'As this server reaches it, such as http://127.0.0.1:8000', 'semsearch' ),
		),
		'public'  => array(
			__( 'Public address', 'semsearch' ),
			'url',
			__( 'As browsers reach it; only for the element. Empty: the same.', 'semsearch' ),
		),
		'key'     => array( __( 'Key', 'semsearch' ), 'password', $key_help ),
		'heading' => array( __( 'Heading', 'semsearch' ), 'text', '' ),
		'limit'   => array( __( 'Articles', 'semsearch' ), 'number', __( '1 to 20', 'semsearch' ) ),
	);
}

/** The page. */
function semsearch_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings = semsearch_settings();
	echo '<div class="wrap"><h1>semsearch</h1><form method="post" action="options.php">';
	settings_fields( 'semsearch' );
	echo '<table class="form-table" role="presentation">';
	foreach ( semsearch_fields() as $name => list( $label, $type, $help ) ) {
		printf(
			'<tr><th scope="row"><label for="semsearch-%1$s">%2$s</label></th><td><input id="semsearch-%1$s" name="semsearch[%1$s]" type="%3$s" value="%4$s" class="regular-text" autocomplete="off"><p class="description">%5$s</p></td></tr>',
			esc_attr( $name ),
			esc_html( $label ),
			esc_attr( $type ),
			esc_attr( 'key' === $name ? '' : $settings[ $name ] ),
			esc_html( $help )
		);
	}
	semsearch_tick( 'forget', __( 'Saved key', 'semsearch' ), __( 'Forget it', 'semsearch' ), false );
	semsearch_choice( $settings['show'] );
	semsearch_tick(
		'events',
		__( 'Events', 'semsearch' ),
		__( 'Count what is seen and clicked (the element only; no cookies)', 'semsearch' ),
		(bool) $settings['events']
	);
	echo '</table>';
	submit_button();
	echo '</form></div>';
}

/** A line with a box to tick. */
function semsearch_tick( $name, $label, $words, $on ) {
	printf(
		'<tr><th scope="row">%1$s</th><td><label><input type="checkbox" name="semsearch[%2$s]" value="1"%3$s> %4$s</label></td></tr>',
		esc_html( $label ),
		esc_attr( $name ),
		checked( $on, true, false ),
		esc_html( $words )
	);
}

/** The line that says what stands under posts. */
function semsearch_choice( $shown ) {
	$choices = array(
		'html'   => __( 'HTML, put in by this server', 'semsearch' ),
		'widget' => __( 'The element, loaded by the browser', 'semsearch' ),
		'no'     => __( 'Nothing', 'semsearch' ),
	);
	printf(
		'<tr><th scope="row"><label for="semsearch-show">%s</label></th><td><select id="semsearch-show" name="semsearch[show]">',
		esc_html__( 'Show under posts', 'semsearch' )
	);
	foreach ( $choices as $value => $label ) {
		printf( '<option value="%s"%s>%s</option>', esc_attr( $value ), selected( $shown, $value, false ), esc_html( $label ) );
	}
	echo '</select></td></tr>';
}
