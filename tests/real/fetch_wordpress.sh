#!/usr/bin/env bash
# fetch_wordpress.sh SUITE FOLDER: WordPress of another Debian (trixie, sid) into FOLDER; nothing is installed.
# The packages come from the mirror that apt uses; its lists are kept apart from the system's.
set -euo pipefail
suite=$1 folder=$(realpath -m "$2")
[[ -e $folder/wp-load.php ]] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/lists/partial "$work"/cache/archives/partial "$work"/packages "$work"/root
: >"$work/status"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $codename" "Created-By: Packages" | head -n 1)
[[ -n $mirror ]] || { echo "apt has no mirror for Debian $codename; run apt-get update" >&2; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
options=(
    -qq -o "Dir::State::status=$work/status" -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o "Dir::Etc::sourcelist=$work/sources.list"
    -o Dir::Etc::sourceparts=/dev/null -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none
)
apt-get "${options[@]}" update >&2
cd "$work/packages"
apt-get "${options[@]}" download wordpress wordpress-theme-twentytwentyfive php-getid3 libphp-phpmailer \
    libjs-underscore libjs-lodash libjs-cropper libjs-jquery-ui >&2
for package in *.deb; do dpkg-deb -x "$package" "$work/root"; done
rm -f "$work/root/usr/share/wordpress/.htaccess"
mkdir -p "$(dirname "$folder")"
cp -rL "$work/root/usr/share/wordpress" "$folder.part" 2>/dev/null || [[ -e $folder.part/wp-load.php ]] # some links lead nowhere
mv "$folder.part" "$folder"
