<?php
// Commands for a real site: php wordpress_tool.php SITE URL, one command as JSON on standard input, the answer as JSON.
list( , $site, $url ) = $argv;
$given = json_decode( stream_get_contents( STDIN ), true );
if ( 'install' === $given['do'] ) {
	define( 'WP_INSTALLING', true );
}
if ( 'export' === $given['do'] ) {
	define( 'WP_ADMIN', true );
}
$_SERVER += array( 'HTTP_HOST' => parse_url( $url, PHP_URL_HOST ) . ':' . parse_url( $url, PHP_URL_PORT ), 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET' );
require "$site/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/image.php';
require_once ABSPATH . 'wp-admin/includes/taxonomy.php';
require_once ABSPATH . 'wp-admin/includes/user.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

/** A new site in the time zone of Berlin, so that its own times are never UTC. */
function tool_install() {
	global $wp_rewrite;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	add_filter( 'pre_wp_mail', '__return_false' );
	wp_install( 'Sandhamn Gazette', 'admin', 'editor@example.org', true, '', 'admin' );
	$wp_rewrite->set_permalink_structure( '/%year%/%monthnum%/%postname%/' );
	update_option( 'timezone_string', 'Europe/Berlin' );
	update_option( 'posts_per_rss', 500 );
	foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ) ) as $post ) {
		wp_delete_post( $post->ID, true );
	}
	return array( 'version' => $GLOBALS['wp_version'], 'theme' => get_stylesheet() );
}

function tool_media( $number ) {
	$up    = wp_upload_dir();
	$file  = "$up[path]/quay-$number.jpg";
	$image = imagecreatetruecolor( 320, 180 );
	imagefill( $image, 0, 0, imagecolorallocate( $image, 40 * $number % 255, 90, 160 ) );
	imagejpeg( $image, $file );
	$id = wp_insert_attachment( array( 'post_title' => "SECRETMEDIA $number", 'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit', 'post_excerpt' => "Photo of quay $number" ), $file );
	wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $file ) );
	return $id;
}

/** Insert a post as its row says: names of terms and authors in place of numbers, {image}, {block}, {first} filled in. */
function tool_insert( $row ) {
	static $terms = array();
	wp_set_current_user( 1 );
	kses_remove_filters();
	$picture  = (int) get_option( 'tool_picture' );
	$content  = strtr( $row['content'], array( '{image}' => wp_get_attachment_url( $picture ), '{image_id}' => $picture, '{block}' => (int) get_option( 'tool_block' ), '{first}' => (string) get_permalink( (int) get_option( 'tool_first' ) ) ) );
	$category = array();
	foreach ( $row['categories'] ?? array() as $name ) {
		$found      = get_term_by( 'name', esc_html( $name ), 'category' );
		$category[] = $found ? $found->term_id : wp_insert_term( $name, 'category' )['term_id'];
	}
	$author = 1;
	if ( isset( $row['author'] ) ) {
		$login  = sanitize_user( md5( $row['author'] ) );
		$user   = get_user_by( 'login', $login );
		$author = $user ? $user->ID : wp_insert_user( array( 'user_login' => $login, 'user_pass' => $login, 'user_email' => "$login@example.org", 'display_name' => $row['author'], 'role' => 'author' ) );
	}
	$id = wp_insert_post(
		wp_slash(
			array(
				'post_type'     => $row['type'] ?? 'post',
				'post_title'    => $row['title'],
				'post_name'     => sanitize_title( $row['title'] ),
				'post_content'  => $content,
				'post_excerpt'  => $row['excerpt'] ?? '',
				'post_status'   => $row['status'] ?? 'publish',
				'post_password' => $row['password'] ?? '',
				'post_date'     => $row['date'] ?? '',
				'post_category' => $category,
				'tags_input'    => $row['tags'] ?? array(),
				'post_author'   => $author,
			)
		),
		true
	);
	if ( is_wp_error( $id ) ) {
		throw new Exception( $row['title'] . ': ' . $id->get_error_message() );
	}
	if ( ! empty( $row['sticky'] ) ) {
		stick_post( $id );
	}
	if ( ! empty( $row['picture'] ) ) {
		set_post_thumbnail( $id, $picture );
	}
	if ( ! empty( $row['comment'] ) ) {
		wp_insert_comment( array( 'comment_post_ID' => $id, 'comment_content' => $row['comment'], 'comment_author' => 'Reader', 'comment_approved' => 1 ) );
	}
	if ( 'trash' === ( $row['then'] ?? '' ) ) {
		wp_trash_post( $id );
	}
	return $id;
}

function tool_seed( $given ) {
	$made = array();
	foreach ( $given['posts'] as $row ) {
		$made[] = tool_insert( $row );
		if ( 1 === count( $made ) ) {
			update_option( 'tool_first', $made[0] );
		}
	}
	return $made;
}

function tool_prepare( $given ) {
	wp_set_current_user( 1 );
	kses_remove_filters();
	update_option( 'tool_block', wp_insert_post( array( 'post_type' => 'wp_block', 'post_status' => 'publish', 'post_title' => 'Reusable', 'post_content' => $given['block'] ) ) );
	return update_option( 'tool_picture', tool_media( 1 ) );
}

/** What the database holds and everybody may read. */
function tool_public() {
	$found = array();
	foreach ( get_posts( array( 'post_type' => 'post', 'post_status' => 'publish', 'has_password' => false, 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'ASC' ) ) as $post ) {
		$names   = function ( $taxonomy ) use ( $post ) {
			return array_map( function ( $name ) { return html_entity_decode( $name, ENT_QUOTES ); }, wp_get_object_terms( $post->ID, $taxonomy, array( 'fields' => 'names' ) ) );
		};
		$found[] = array(
			'id'         => (string) $post->ID,
			'title'      => $post->post_title,
			'published'  => $post->post_date_gmt,
			'updated'    => $post->post_modified_gmt,
			'author'     => html_entity_decode( get_the_author_meta( 'display_name', $post->post_author ), ENT_QUOTES ),
			'categories' => $names( 'category' ),
			'tags'       => $names( 'post_tag' ),
			'url'        => get_permalink( $post ),
			'image'      => get_the_post_thumbnail_url( $post, 'full' ) ?: null,
		);
	}
	return $found;
}

function tool_run( $given ) {
	global $wpdb;
	switch ( $given['do'] ) {
		case 'update':
			wp_set_current_user( 1 );
			kses_remove_filters();
			return wp_update_post( wp_slash( array( 'ID' => $given['id'] ) + $given['fields'] ), true );
		case 'trash':
			return (bool) wp_trash_post( $given['id'] );
		case 'due': // A scheduled post whose time has come: as cron finds it, too late.
			$wpdb->update( $wpdb->posts, array( 'post_date' => $given['date'], 'post_date_gmt' => get_gmt_from_date( $given['date'] ), 'post_modified' => $given['date'], 'post_modified_gmt' => get_gmt_from_date( $given['date'] ) ), array( 'ID' => $given['id'] ) );
			clean_post_cache( $given['id'] );
			wp_publish_post( $given['id'] );
			return get_post_status( $given['id'] );
		case 'rename':
			$term = get_term_by( 'name', esc_html( $given['name'] ), $given['taxonomy'] );
			return wp_update_term( $term->term_id, $given['taxonomy'], array( 'name' => $given['to'] ) );
		case 'rename_author':
			return $wpdb->update( $wpdb->users, array( 'display_name' => $given['to'] ), array( 'display_name' => esc_html( $given['name'] ) ) );
		case 'theme':
			switch_theme( $given['name'] );
			return get_stylesheet();
		case 'plugin':
			update_option( 'semsearch', $given['settings'] );
			return null === activate_plugin( 'semsearch/semsearch.php' );
		case 'template': // Of a block theme: the post, then a list of posts in full, as a site editor makes it.
			$id = wp_insert_post( array( 'post_type' => 'wp_template', 'post_name' => 'single', 'post_status' => 'publish', 'post_title' => 'Single', 'post_content' => $given['content'] ) );
			return wp_set_object_terms( $id, get_stylesheet(), 'wp_theme' );
		case 'settings': // What the settings page says of an address.
			require_once ABSPATH . 'wp-admin/includes/template.php';
			semsearch_address( $given['address'] );
			ob_start();
			settings_errors( 'semsearch' );
			return ob_get_clean();
		case 'options':
			return array( 'version' => $GLOBALS['wp_version'], 'theme' => get_stylesheet(), 'plugins' => get_option( 'active_plugins' ) );
		case 'export':
			require_once ABSPATH . 'wp-admin/includes/export.php';
			ob_start();
			export_wp();
			return ob_get_clean();
		case 'seed':
			return tool_seed( $given );
		case 'prepare':
			return tool_prepare( $given );
		case 'public':
			return tool_public();
	}
	return tool_install();
}

echo json_encode( tool_run( $given ), JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR );
