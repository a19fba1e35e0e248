<?php
/**
 * Takes the plugin's settings and marks away with it.
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

delete_option( 'semsearch' );
delete_transient( 'semsearch_away' );
delete_post_meta_by_key( '_semsearch_sent' );
