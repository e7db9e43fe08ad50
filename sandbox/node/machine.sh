#!/bin/sh
# The first process of a node, in namespaces of its own; then it waits, and all that runs in the node ends with it.
# What this machine's programs write to fixed places lands in FOLDER or in memory, and is gone with the node.
set -eu
folder=$1

# Mounts that a pod makes for others (subPath, mountPropagation) are to be seen in the node, and nowhere else.
mount --make-rshared /

for path in /run /var/lib /var/log; do
  mount -t tmpfs -o mode=0755 tmpfs "$path"
done

# Pods' volumes and containers' files are too much for memory.
for path in /var/lib/containerd /var/lib/kubelet /var/log/pods; do
  mkdir -p "$path" "$folder$path"
  mount --bind "$folder$path" "$path"
done

# Settings that are the whole machine's: the kubelet finds in these copies what it wants, and changes nothing.
settings=/run/settings
mkdir "$settings"
while read -r setting value; do
  [ -e "/proc/sys/$setting" ] || continue
  file=$settings/$(echo "$setting" | tr / -)
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$setting"
done <<SETTINGS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# There is nobody to ask for names: an empty file says so at once, where this machine's would be waited for.
: >/run/resolv.conf
[ ! -f /etc/resolv.conf ] || mount --bind /run/resolv.conf /etc/resolv.conf

# These two are the network namespace's.
echo 1 >/proc/sys/net/ipv4/ip_forward
[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

: >"$folder/up"
exec catatonit -P
