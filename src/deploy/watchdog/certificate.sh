# The proxy's certificates. Needs proxy.sh.

# put_certificate NAME.pem < PEM: chain and key, which the proxy alone may read. One that it has is renewed with no connection lost (management.txt, 9.3,
# "set ssl cert"), or refused with what it says against it, and 1; one that is new to it counts from the reload with which an app names it.
put_certificate() {
  sed '/^[[:space:]]*$/d' | in_proxy '
alone
umask 077
cat > certificates/wanted || exit
name=$FILES/certificates/$1
case $(ask "@1 show ssl cert $name") in *Serial:*)
  said=$(ask "@1 set ssl cert $name <<
$(cat certificates/wanted)
"; ask "@1 commit ssl cert $name")
  case $said in *Success!*) ;; *)
    ask "@1 abort ssl cert $name" > /dev/null
    printf "%s\n" "$said"
    exit 1
  esac
esac
write "$name" < certificates/wanted && rm certificates/wanted' "$1"
}
