# shellcheck shell=bash
# Sets up the project's own Python environment; sourced by c10-panel and test, which set `root` (the project's folder).
#
# .venv/.c10-stamp           the environment is complete for these lock files (their digest)
# .venv/.c10-in-progress     someone began to change it and hasn't finished: half-made, built anew at the next start

venv="$root/.venv"
# What the program runs on: an installed program brings its own interpreter, a checkout makes an environment.
python="$venv/bin/python"
[ ! -x "$root/python/bin/python3" ] || python="$root/python/bin/python3"
stamp_file="$venv/.c10-stamp"
progress_file="$venv/.c10-in-progress"

fail() {
    printf 'c10-panel: %s\n' "$1" >&2
    exit "${2:-2}"
}

# Digest of the lock files named, which is what a complete environment's stamp holds.
lock_digest() {
    cat -- "$@" | sha256sum | cut -d ' ' -f 1
}

is_complete() { # digest
    local found=""
    [ -x "$venv/bin/python" ] && [ ! -e "$progress_file" ] && [ -r "$stamp_file" ] || return 1
    read -r found <"$stamp_file" || true
    # The stamp may name more than one digest: the program's lock files, then the test tools'.
    case " $found " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

# Print a Python from 3.11 to 3.14 that can make virtual environments, or end with the sentence that says what is lacking.
find_python() {
    local name path version without_venv=""
    for name in python3 python3.12 python3.13 python3.11 python3.14; do
        path=$(command -v "$name") || continue
        version=$("$path" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        case "$version" in 3.11 | 3.12 | 3.13 | 3.14) ;; *) continue ;; esac
        if "$path" -I -c 'import ensurepip, venv' 2>/dev/null; then
            "$path" -I -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return 0
        fi
        without_venv=${without_venv:-$version}
    done
    if [ -n "$without_venv" ]; then
        fail "Python $without_venv is here, but its package for virtual environments is lacking: sudo apt-get install python$without_venv-venv"
    fi
    fail "Python 3.11 or newer is lacking: sudo apt-get install python3 python3-venv (on Ubuntu 22.04: python3.11 python3.11-venv)"
}

# Put the libraries that an installed program brings on the search path, as far as the system lacks them.
use_own_libraries() {
    local cache folder path=""
    [ -d "$root/lib" ] || return 0
    cache=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)
    for folder in "$root"/lib/*; do
        case "$cache" in *"${folder##*/} (libc6,"*) ;; *) path="$path${path:+:}$folder" ;; esac
    done
    [ -z "$path" ] || export LD_LIBRARY_PATH="$path${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

# Print the Debian packages that the window lacks, on one line. $1 = "offscreen": without those of the X11 display.
missing_window_packages() {
    local cache soname package missing=() wanted=(
        libEGL.so.1=libegl1 libGL.so.1=libgl1 libxkbcommon.so.0=libxkbcommon0 libdbus-1.so.3=libdbus-1-3
        libfontconfig.so.1=libfontconfig1 libglib-2.0.so.0=libglib2.0-0
    )
    if [ "${1:-}" != offscreen ]; then
        wanted+=(
            libxcb-cursor.so.0=libxcb-cursor0 libxcb-icccm.so.4=libxcb-icccm4 libxcb-image.so.0=libxcb-image0
            libxcb-keysyms.so.1=libxcb-keysyms1 libxcb-randr.so.0=libxcb-randr0
            libxcb-render-util.so.0=libxcb-render-util0 libxcb-shape.so.0=libxcb-shape0 libxcb-xkb.so.1=libxcb-xkb1
            libxkbcommon-x11.so.0=libxkbcommon-x11-0
        )
    fi
    cache=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 0 # no glibc cache: let Qt say it
    for package in "${wanted[@]}"; do
        soname=${package%%=*}
        case "$cache" in *"$soname "*) ;; *) missing+=("${package#*=}") ;; esac
    done
    printf '%s\n' "${missing[*]}"
}

has_chinese_font() {
    command -v fc-list >/dev/null || return 1
    [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]
}

# Show how far pip is, from its log, until the caller goes away.
show_progress() { # log total label
    local done_count started=$SECONDS
    while kill -0 "$$" 2>/dev/null; do
        done_count=$(grep -cE '^(Collecting|Processing|Requirement already satisfied)' "$1" 2>/dev/null || true)
        if grep -q '^Installing collected' "$1" 2>/dev/null; then
            printf '\r  %s: unpacking, %d s   ' "$3" $((SECONDS - started)) >&2
        else
            printf '\r  %s: package %d of %d, %d s   ' "$3" "${done_count:-0}" "$2" $((SECONDS - started)) >&2
        fi
        sleep 1
    done
}

# Install one lock file; pip's own settings (mirrors, proxies) are the user's.
install_lock() { # label lock-file
    local log="$venv/setup.log" total status=0 reporter=""
    total=$(grep -cE '^[A-Za-z0-9]' "$2")
    : >"$log"
    if [ -t 2 ]; then
        show_progress "$log" "$total" "$1" &
        reporter=$!
    else
        printf '  %s (%d)\n' "$1" "$total" >&2
    fi
    PIP_USER=0 "$venv/bin/python" -I -m pip install --no-input --no-deps --require-hashes --only-binary :all: \
        --disable-pip-version-check -r "$2" >"$log" 2>&1 </dev/null || status=$?
    if [ -n "$reporter" ]; then
        kill "$reporter" 2>/dev/null
        wait "$reporter" 2>/dev/null
        printf '\r%70s\r' '' >&2
    fi
    return "$status"
}

# Bring the environment to the given digest: build it, or add and change packages. Runs under the lock.
change_environment() { # digest label=lock-file...
    local digest=$1 fresh="" entry python
    shift
    if [ -e "$progress_file" ] || [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -I -c 'import pip' 2>/dev/null; then
        python=$(find_python) || exit $?
        rm -rf -- "$venv" 2>/dev/null
        mkdir -- "$venv" 2>/dev/null || fail "The folder $root can't be written to. Copy the project to a folder of yours."
        fresh=yes
    fi
    printf 'Setting up C10 Panel in %s (once; later starts skip this)\n' "$venv" >&2
    rm -f -- "$stamp_file"
    : >"$progress_file" || fail "The folder $venv can't be written to. Copy the project to a folder of yours."
    if [ -n "$fresh" ] && ! "$python" -I -m venv "$venv" >&2; then
        fail "Python could not make a virtual environment in $venv; the lines above say why."
    fi
    for entry in "$@"; do
        if ! install_lock "${entry%%=*}" "${entry#*=}"; then
            tail -n 5 "$venv/setup.log" >&2
            # pip downloads everything before it changes anything: a failed download leaves an older environment whole.
            [ -n "$fresh" ] || grep -q '^Installing collected' "$venv/setup.log" || rm -f -- "$progress_file"
            fail "${entry%%=*} could not be installed. Check the network (and the free disk space) and start again; the whole log is $venv/setup.log." 1
        fi
    done
    printf '%s\n' "$digest" >"$stamp_file.new" && mv -f -- "$stamp_file.new" "$stamp_file" && rm -f -- "$progress_file"
    printf 'Ready after %d s.\n' "$SECONDS" >&2
}

# Make sure that the environment has the program's packages and, with "test", the test tools.
ensure_environment() { # [test]
    [ "$python" = "$venv/bin/python" ] || return 0
    local program tools="" digests
    local program_locks=("$root/packaging/requirements.lock" "$root/packaging/requirements-demo.lock")
    local entries=("Program packages=${program_locks[0]}" "Demo model=${program_locks[1]}")
    program=$(lock_digest "${program_locks[@]}")
    if [ "${1:-}" = test ]; then
        tools=$(lock_digest "$root/packaging/requirements-test.lock")
        entries+=("Test tools=$root/packaging/requirements-test.lock")
    fi
    digests="$program${tools:+ $tools}"
    is_complete "$digests" && return 0
    # One at a time: a second start waits here and then finds the work done.
    trap 'printf "\nSetting up was stopped; the next start goes on.\n" >&2; exit 130' INT
    exec 9<"${program_locks[0]}"
    if ! flock --nonblock 9; then
        printf 'Another start is setting C10 Panel up; waiting for it.\n' >&2
        flock 9
    fi
    is_complete "$digests" || change_environment "$digests" "${entries[@]}"
    exec 9<&-
    trap - INT
}
