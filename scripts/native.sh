#!/usr/bin/env bash
# Builds libpcap and libzmq (with CURVE, libsodium inside) from Debian's source packages, so that each needs
# libc alone and runs on glibc 2.34 or newer. The result is cached across clones under a hash of this file and
# linked as .cache/native. The machine's own package lists and sources stay as they are.
#
# RSCAP_DEBIAN_MIRROR: another mirror than http://deb.debian.org/debian.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

suite=bookworm
glibc_max=2.34
mirror=${RSCAP_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
key="native-$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-16)-$(uname -m)"

cache_root() {
  local dir="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/rscap"
  if mkdir -p "$dir" 2>/dev/null && [ -w "$dir" ]; then printf '%s' "$dir"; else printf '%s' "$root/.cache/shared"; fi
}

link_result() { ln -sfn "$1" "$root/.cache/native"; }

# What libraries the machine has for developers is of no concern here.
export PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH=

# --- the steps; each runs in $work ------------------------------------------------------------------------

own_apt() {
  apt-get -q -o Dir::State="$work/apt" -o Dir::State::lists="$work/apt/lists" -o Dir::State::status=/dev/null \
    -o Dir::Cache="$work/apt/cache" -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

fetch_sources() {
  [ -e "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/source"
  printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" \
    "$keyring" "${mirror%/debian}/debian-security" "$suite-security" >"$work/apt/sources.list"
  own_apt update
  cd "$work/source"
  own_apt source libpcap libsodium zeromq3
  mv libpcap-*/ "$work/libpcap"
  mv libsodium-*/ "$work/libsodium"
  mv zeromq3-*/ "$work/libzmq"
}

build_libpcap() {
  cd "$work/libpcap"
  ./configure --disable-dbus --disable-rdma --disable-bluetooth --disable-usb --disable-netmap --disable-remote \
    --without-libnl --without-dag --without-septel --without-snf --without-turbocap --without-dpdk \
    CFLAGS="$cflags" LDFLAGS="$ldflags"
  make -j"$(nproc)" shared
  cp "$(find . -maxdepth 1 -type f -name 'libpcap.so*' | head -n 1)" "$out/libpcap.so"
}

build_libsodium() {
  cd "$work/libsodium"
  autoreconf -fi
  # arc4random came with glibc 2.36. Without it libsodium calls getrandom(2), as on every older system.
  ./configure --prefix="$work/prefix" --disable-shared --enable-static --with-pic --disable-dependency-tracking \
    ac_cv_func_arc4random=no ac_cv_func_arc4random_buf=no CFLAGS="$cflags" LDFLAGS="$ldflags"
  make -j"$(nproc)"
  make install
}

# libgcc's unwinder calls _dl_find_object, which came with glibc 2.35. The same answer from dl_iterate_phdr,
# linked in and hidden, keeps C++ exceptions working on 2.34.
build_unwind_helper() {
  cat >"$work/find-object.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#ifdef DLFO_STRUCT_HAS_EH_DBASE
struct search { ElfW(Addr) pc; struct dl_find_object *result; };
static int visit(struct dl_phdr_info *info, size_t size, void *data) {
  struct search *search = data;
  ElfW(Addr) eh_frame = 0, low = (ElfW(Addr))-1, high = 0;
  int hit = 0;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    ElfW(Addr) start = info->dlpi_addr + header->p_vaddr, end = start + header->p_memsz;
    if (header->p_type == PT_GNU_EH_FRAME) eh_frame = start;
    if (header->p_type != PT_LOAD) continue;
    if (start < low) low = start;
    if (end > high) high = end;
    if (search->pc >= start && search->pc < end) hit = 1;
  }
  if (!hit) return 0;
  if (eh_frame == 0) return -1;
  *search->result = (struct dl_find_object){ .dlfo_map_start = (void *)low, .dlfo_map_end = (void *)high,
                                             .dlfo_eh_frame = (void *)eh_frame };
  return 1;
}
__attribute__((visibility("hidden"))) int _dl_find_object(void *pc, struct dl_find_object *result) {
  struct search search = { (ElfW(Addr))pc, result };
  return dl_iterate_phdr(visit, &search) == 1 ? 0 : -1;
}
#endif
C
  gcc $cflags -Wall -Wextra -Werror -c "$work/find-object.c" -o "$work/find-object.o"

  # Proof: a library linked like libzmq catches what it throws.
  cat >"$work/catch.cpp" <<'CPP'
#include <stdexcept>
#include <string>
extern "C" __attribute__((visibility("default"))) int caught(int n) {
  try { if (n > 0) throw std::runtime_error(std::string(n, 'x')); return 0; }
  catch (const std::exception &error) { return (int)std::string(error.what()).size(); }
}
CPP
  cat >"$work/main.c" <<'C'
#include <dlfcn.h>
int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;
  int (*caught)(int) = library ? (int (*)(int))dlsym(library, "caught") : 0;
  return caught && caught(7) == 7 ? 0 : 1;
}
C
  g++ $cflags -shared "$work/catch.cpp" "$work/find-object.o" $ldflags -static-libstdc++ -static-libgcc -o "$work/catch.so"
  gcc "$work/main.c" -o "$work/catch" -ldl
  "$work/catch" "$work/catch.so"
  check_library "$work/catch.so"
}

build_libzmq() {
  mkdir -p "$work/libzmq/rscap-build"
  cd "$work/libzmq/rscap-build"
  # The standard library's templates are visible whatever the flags say; only a list keeps them in.
  printf '{ global: zmq_*; local: *; };\n' >"$work/libzmq.map"
  # The include folder is named by hand, so that a libsodium or libbsd of the machine has no say.
  cmake .. -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED=ON -DBUILD_STATIC=OFF -DBUILD_TESTS=OFF -DWITH_DOCS=OFF \
    -DWITH_PERF_TOOL=OFF -DENABLE_CPACK=OFF -DENABLE_CLANG=OFF -DENABLE_DRAFTS=OFF -DENABLE_WS=OFF -DWITH_TLS=OFF \
    -DWITH_OPENPGM=OFF -DWITH_NORM=OFF -DWITH_VMCI=OFF -DWITH_LIBBSD=OFF -DENABLE_PRECOMPILED=OFF \
    -DENABLE_CURVE=ON -DWITH_LIBSODIUM=ON -DWITH_LIBSODIUM_STATIC=ON \
    -DSODIUM_INCLUDE_DIRS="$work/prefix/include" -DSODIUM_LIBRARIES="$work/prefix/lib/libsodium.a" \
    -DCMAKE_C_FLAGS="$cflags" -DCMAKE_CXX_FLAGS="$cflags -fvisibility=hidden" \
    -DCMAKE_SHARED_LINKER_FLAGS="$work/find-object.o $ldflags -Wl,--version-script=$work/libzmq.map -static-libstdc++ -static-libgcc"
  make -j"$(nproc)" libzmq
  cp -L lib/libzmq.so "$out/libzmq.so"
}

# Fails where a library needs more than libc, or a symbol newer than glibc $glibc_max.
check_library() {
  local file=$1 needed newest
  needed=$(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
    grep -Ev '^(libc|libm|libpthread|libdl|librt|ld-linux-.*)\.so' || true)
  [ -z "$needed" ] || die "$(basename "$file") needs more than libc: $needed"
  newest=$(objdump -T "$file" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
  [ "$(printf '%s\n' "$newest" "$glibc_max" | sort -V | tail -n 1)" = "$glibc_max" ] ||
    die "$(basename "$file") needs glibc $newest, newer than $glibc_max: $(objdump -T "$file" | grep "GLIBC_$newest")"
}

# Not `grep -q` in a pipe: it stops reading at the first hit, and under pipefail that is a failure of objdump.
check_export() {
  local symbols
  symbols=$(objdump -T "$out/$1")
  grep -q " $2\$" <<<"$symbols" || die "$1 exports no $2"
}

finish() {
  strip --strip-unneeded "$out"/*.so
  check_library "$out/libpcap.so"
  check_library "$out/libzmq.so"
  check_export libpcap.so pcap_compile
  check_export libzmq.so zmq_curve_keypair
  grep -q 'define ZMQ_USE_LIBSODIUM' "$work/libzmq/rscap-build/platform.hpp" || die "libzmq was built without libsodium"
  local name
  for name in libpcap libsodium libzmq; do cp "$work/$name/debian/copyright" "$out/$name.copyright"; done
  (cd "$work/source" && ls -- *.dsc) >"$out/sources.txt"
}

# --- the run ----------------------------------------------------------------------------------------------

cache="$(cache_root)"
mkdir -p "$cache"
if [ "${1:-}" = --print-dir ]; then say "$cache/$key"; exit 0; fi

# Another clone may be building the same thing.
exec 9>"$cache/native.lock"
flock 9
if [ -e "$cache/$key/libzmq.so" ]; then
  link_result "$cache/$key"
  say "Native libraries: ready"
  exit 0
fi

say "Building libpcap and libzmq from Debian's source packages (once, about two minutes)"
ensure_tools "the native libraries" gcc:gcc g++:g++ make:make cmake:cmake flex:flex bison:bison autoconf:autoconf \
  automake:automake libtoolize:libtool pkg-config:pkg-config dpkg-source:dpkg-dev patch:patch xz:xz-utils objdump:binutils ||
  die "the tools above are needed to build the native libraries"

work="$(mktemp -d "$cache/build.XXXXXX")"
trap 'rm -rf "$work"' EXIT
out="$work/out"
mkdir -p "$out"
cflags="-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -DNDEBUG -ffunction-sections -fdata-sections -ffile-prefix-map=$work=."
# Nothing of libstdc++, libgcc and libsodium may be seen from outside: the executable has its own of each.
# gc-sections drops what nobody calls, such as std::random_device, which wants glibc 2.36.
ldflags="-Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"

step "fetch sources ($suite)" fetch_sources
step "build libpcap" build_libpcap
step "build libsodium" build_libsodium
step "build unwind helper" build_unwind_helper
step "build libzmq" build_libzmq
step "check symbols and needed libraries" finish

rm -rf "${cache:?}/$key"
mv "$out" "$cache/$key"
link_result "$cache/$key"
say "Native libraries: $(tr '\n' ' ' <"$cache/$key/sources.txt")"
