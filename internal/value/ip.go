package value

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ParseIP reads an address in text. An IPv4-mapped IPv6 address becomes plain
// IPv4, as Java reads it; an address with a zone is none.
func ParseIP(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// CIDR is a block of addresses. The zero CIDR is empty.
//
// Elasticsearch widens an IPv4 address to its IPv4-mapped IPv6 form when it
// meets an IPv6 block; held in that form from the start, both families are one
// line of 128 bits: "::/0" contains every IPv4 address, "0.0.0.0/0" no IPv6 one.
type CIDR struct{ block netip.Prefix }

// ParseCIDR reads a block: "a.b.c.d/n", an IPv6 address and "/n", or a bare
// address, which is the block of itself alone. Bits beyond the prefix are
// ignored. The errors have Elasticsearch's words.
func ParseCIDR(s string) (CIDR, error) {
	text, length, hasLength := strings.Cut(s, "/")
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return CIDR{}, fmt.Errorf("'%s' is not an IP string literal.", text) //nolint:revive,staticcheck // Elasticsearch's words
	}
	bits := 128
	if hasLength {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > a.BitLen() {
			return CIDR{}, fmt.Errorf("illegal prefixLength '%s'. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges", length)
		}
		bits = n + 128 - a.BitLen()
	}
	return CIDR{netip.PrefixFrom(mapped(a), bits).Masked()}, nil
}

// Contains reports whether a lies in c.
func (c CIDR) Contains(a netip.Addr) bool {
	return a.IsValid() && c.block.Contains(mapped(a.WithZone("")))
}

// compare returns -1, 0 or 1 as a lies before, in or after the block.
func (c CIDR) compare(a netip.Addr) int {
	if c.Contains(a) {
		return 0
	}
	return compareAddr(a, c.block.Addr())
}

// compareAddr orders addresses as an ip field does: by 16 bytes, IPv4 in its
// mapped form.
func compareAddr(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	return bytes.Compare(x[:], y[:])
}

// mapped returns a as 128 bits, IPv4 in its mapped form.
func mapped(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }
