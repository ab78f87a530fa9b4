package value

import (
	"math/big"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"testing"
)

func TestParseIP(t *testing.T) {
	tests := map[string]string{
		"10.6.48.157":      "10.6.48.157",
		"::ffff:10.0.0.1":  "10.0.0.1",
		"2001:0DB8:0::1":   "2001:db8::1",
		"::":               "::",
		"":                 "",
		"10.0.0":           "",
		"10.0.0.256":       "",
		"10.0.0.01":        "", // no octal
		"10.0.0.0/8":       "",
		"fe80::1%eth0":     "",
		" 10.0.0.1":        "",
		"localhost":        "",
		"::ffff:10.0.0.1%": "",
	}
	for s, want := range tests {
		got, ok := ParseIP(s)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("ParseIP(%q) = %v, %v, want %q", s, got, ok, want)
		}
	}
}

func TestParseCIDRErrors(t *testing.T) {
	prefix := func(s string) string {
		return "illegal prefixLength '" + s + "'. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges"
	}
	tests := map[string]string{
		"10.0.0.0/33":       prefix("33"),
		"10.0.0.0/-1":       prefix("-1"),
		"2001:db8::/129":    prefix("129"),
		"10.0.0.0/":         prefix(""),
		"10.0.0.0/x":        prefix("x"),
		"10.0.0.0/8/8":      prefix("8/8"),
		"x":                 "'x' is not an IP string literal.",
		"":                  "'' is not an IP string literal.",
		"/8":                "'' is not an IP string literal.",
		"10.0.0/8":          "'10.0.0' is not an IP string literal.",
		"fe80::1%eth0/64":   "'fe80::1%eth0' is not an IP string literal.",
		"999.0.0.0/33":      "'999.0.0.0' is not an IP string literal.",
		"10.0.0.0-10.0.0.9": "'10.0.0.0-10.0.0.9' is not an IP string literal.",
	}
	for s, want := range tests {
		_, err := ParseCIDR(s)
		if err == nil || err.Error() != want {
			t.Errorf("ParseCIDR(%q): error %v, want %s", s, err, want)
		}
	}
}

func TestCIDRContains(t *testing.T) {
	tests := []struct {
		block, addr string
		want        bool
	}{
		{"10.6.48.157/8", "10.255.0.1", true}, // host bits are masked off
		{"10.6.48.157/8", "11.0.0.1", false},
		{"10.0.0.0/8", "10.0.0.0", true},
		{"10.0.0.0/8", "9.255.255.255", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"0.0.0.0/0", "::1", false},
		{"10.1.2.3", "10.1.2.3", true}, // a bare address is itself
		{"10.1.2.3", "10.1.2.4", false},
		{"10.1.2.3/32", "10.1.2.3", true},
		{"::ffff:10.1.2.3", "10.1.2.3", true},
		{"::ffff:10.0.0.0/104", "10.1.2.3", true}, // IPv4 meets IPv6: widened
		{"::ffff:10.0.0.0/104", "11.1.2.3", false},
		{"::/0", "10.1.2.3", true},
		{"::/0", "2001:db8::1", true},
		{"::/96", "10.1.2.3", false},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "2001:db9::1", false},
		{"2001:db8::1", "2001:db8::1", true},
		{"::1/128", "::2", false},
		{"fe80::/10", "fe80::1%eth0", true},
	}
	for _, tt := range tests {
		block, err := ParseCIDR(tt.block)
		if err != nil {
			t.Errorf("ParseCIDR(%q): %v", tt.block, err)
			continue
		}
		if got := block.Contains(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("%s contains %s: %v, want %v", tt.block, tt.addr, got, tt.want)
		}
	}
	if block, _ := ParseCIDR("::/0"); block.Contains(netip.Addr{}) {
		t.Error("no address is in ::/0")
	}
	if (CIDR{}).Contains(netip.MustParseAddr("::")) {
		t.Error("the zero CIDR contains an address")
	}
}

// A block as a mask over a number of 128 bits is its meaning.
func TestCIDRAgainstBig(t *testing.T) {
	number := func(a netip.Addr) *big.Int {
		b := a.As16()
		return new(big.Int).SetBytes(b[:])
	}
	r := rand.New(rand.NewPCG(13, 14))
	// Few distinct bits, so that blocks are often met.
	random := func() netip.Addr {
		if r.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte{byte(r.IntN(2)), 0, byte(r.IntN(2) * 128), byte(r.IntN(4))})
		}
		var b [16]byte
		if r.IntN(2) == 0 {
			b[10], b[11] = 0xff, 0xff
		}
		b[0], b[12], b[15] = byte(r.IntN(2)), byte(r.IntN(2)), byte(r.IntN(4))
		return netip.AddrFrom16(b)
	}
	hits := 0
	for range 20000 {
		base, addr := random(), random()
		bits := r.IntN(base.BitLen() + 1)
		text := base.String() + "/" + strconv.Itoa(bits)
		block, err := ParseCIDR(text)
		if err != nil {
			t.Fatalf("ParseCIDR(%q): %v", text, err)
		}
		free := uint(base.BitLen() - bits)
		low := number(base)
		low.Rsh(low, free).Lsh(low, free)
		high := new(big.Int).Add(low, new(big.Int).Lsh(big.NewInt(1), free))
		n := number(addr)
		want := n.Cmp(low) >= 0 && n.Cmp(high) < 0
		if got := block.Contains(addr); got != want {
			t.Fatalf("%s contains %s: %v, want %v", text, addr, got, want)
		}
		wantOrder := 0
		if !want {
			wantOrder = n.Cmp(low)
		}
		if got := block.compare(addr); got != wantOrder {
			t.Fatalf("%s against %s: %d, want %d", addr, text, got, wantOrder)
		}
		if want {
			hits++
		}
	}
	if hits < 1000 {
		t.Errorf("only %d of the generated addresses lie in their block", hits)
	}
}
