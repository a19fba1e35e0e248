<?php
/**
 * Posts as they are saved, unpublished and deleted, on their way to the engine.
 */

defined( 'ABSPATH' ) || exit;

/**
 * A post was saved: send it, or take it out of the index where readers no longer see it. $before is the post as it
 * was, so that one goes, too, that `semsearch articles sync` took in.
 */
function semsearch_on_save( $post_id, $post, $update = true, $before = null ) {
	if ( wp_is_post_revision( $post_id ) || wp_is_post_autosave( $post_id ) ) {
		return;
	}
	if ( semsearch_is_public( $post ) || ( $before && semsearch_is_public( $before ) ) || semsearch_was_sent( $post_id ) ) {
		semsearch_send( $post_id );
	}
}

/** A post is about to be deleted for good. */
function semsearch_on_delete( $post_id ) {
	$post = get_post( $post_id );
	if ( ! semsearch_was_sent( $post_id ) && ! ( $post && semsearch_is_public( $post ) ) ) {
		return;
	}
	if ( ! semsearch_change( 'DELETE', $post_id, null ) ) {
		semsearch_later( $post_id, 0 );
	}
}

/** Whether the plugin has sent a post that it did not take out again. */
function semsearch_was_sent( $post_id ) {
	return (bool) get_post_meta( $post_id, '_semsearch_sent', true );
}

/** Whether it is a post that everybody may read: not private, scheduled, in the trash or behind a password. */
function semsearch_is_public( $post ) {
	return 'post' === $post->post_type && 'publish' === $post->post_status && '' === (string) $post->post_password;
}

/** Send a post as it is now; where that fails, again later. With $tries it comes from cron. */
function semsearch_send( $post_id, $tries = 0 ) {
	if ( ! semsearch_can_write() ) {
		return;
	}
	$post    = get_post( $post_id );
	$public  = $post && semsearch_is_public( $post );
	$patient = $tries > 0;
	$article = $public ? semsearch_article( $post ) : null;
	if ( $public ) {
		$done = $article && semsearch_change( 'PUT', $post_id, $article, $patient );
	} else {
		$done = semsearch_change( 'DELETE', $post_id, null, $patient );
	}
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

/**
 * A post as the engine takes it, null where the site cannot give it: what the REST interface gives to visitors, which
 * is what `semsearch articles sync` reads. The filter may add fields, such as section, which replace what the post says.
 */
function semsearch_article( $post ) {
	$given = semsearch_rest_post( $post );
	return $given ? apply_filters( 'semsearch_article', array( 'wordpress' => $given ), $post ) : null;
}

/** The answer of the REST interface for a post, with its author, terms and picture, as nobody in particular. */
function semsearch_rest_post( $post ) {
	$shown = $GLOBALS['post'] ?? null;
	$user  = get_current_user_id();
	wp_set_current_user( 0 );
	try {
		$answer = rest_do_request( new WP_REST_Request( 'GET', rest_get_route_for_post( $post ) ) );
		$given  = $answer->is_error() ? array() : rest_get_server()->response_to_data( $answer, SEMSEARCH_EMBEDDED );
	} finally {
		wp_set_current_user( $user );
		$GLOBALS['post'] = $shown; // phpcs:ignore WordPress.WP.GlobalVariablesOverride.Prohibited -- as it was
		if ( $shown instanceof WP_Post ) {
			setup_postdata( $shown );
		}
	}
	unset( $given['_links'], $given['yoast_head'] );
	return $given;
}

/** Whether there is an engine to write to, and a key. */
function semsearch_can_write() {
	return '' !== semsearch_url( '/' ) && '' !== semsearch_settings()['key'];
}

/** Send one change; whether it is done, or can never be. */
function semsearch_change( $method, $post_id, $article, $patient = false ) {
	if ( ! semsearch_can_write() ) {
		return true;
	}
	$url    = semsearch_url( '/v1/articles/' . rawurlencode( semsearch_id( $post_id ) ) );
	$status = semsearch_ask( $method, $url, $article, $patient )['status'];
	// Refused for what it says (4xx) it would be again; a key or a rate can be mended, and a missing one is gone.
	return $status >= 200 && $status < 500 && ! in_array( $status, array( 401, 403, 409, 429 ), true );
}
