<?php
/**
 * Takes the plugin's settings, marks and pending changes away with it, on each site of a network.
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/** Leave nothing on one site; kept lists end by themselves within minutes. */
function semsearch_clean() {
	delete_option( 'semsearch' );
	delete_transient( 'semsearch_away' );
	delete_post_meta_by_key( '_semsearch_sent' );
	wp_unschedule_hook( 'semsearch_send' );
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $semsearch_site ) {
		switch_to_blog( $semsearch_site );
		semsearch_clean();
		restore_current_blog();
	}
} else {
	semsearch_clean();
}
