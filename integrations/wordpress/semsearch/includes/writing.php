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
	$done    = $public
		? semsearch_change( 'PUT', $post_id, semsearch_article( $post ), $patient )
		: semsearch_change( 'DELETE', $post_id, null, $patient );
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
