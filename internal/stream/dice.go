package stream

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
)

// dice gives what is drawn by lot: the same for the same seed and purpose.
type dice struct{ *rand.PCG }

func newDice(seed uint64, purpose string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(purpose)) // a hash takes all
	return &dice{rand.NewPCG(seed, h.Sum64())}
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.Uint64() >> 32 * uint64(n) >> 32) }

// unit returns a number of at least 0 and less than 1.
func (d *dice) unit() float64 { return float64(d.Uint64()>>11) / (1 << 53) }

func (d *dice) chance(p float64) bool { return p > 0 && d.unit() < p }

// skewed returns a number from 0 to n-1, the first ones far more often, as in Zipf's
// law: the k-th with a weight of k to the power of -2/3.
func (d *dice) skewed(n int) int {
	u := d.unit()
	return int(u * u * u * float64(n))
}

func (d *dice) amount(a amount) int {
	if a.high <= a.low {
		return a.low
	}
	return a.low + d.below(a.high-a.low+1)
}

const hexDigits = "0123456789abcdef"

// appendHex writes n bytes, eight at most, in hexadecimal.
func (d *dice) appendHex(dst []byte, n int) []byte {
	x := d.Uint64()
	for range n * 2 {
		dst = append(dst, hexDigits[x&15])
		x >>= 4
	}
	return dst
}

func (d *dice) appendUUID(dst []byte) []byte {
	dst = append(d.appendHex(dst, 4), '-')
	dst = append(d.appendHex(dst, 2), "-4"...)
	dst = append(d.appendHex(dst, 2)[:len(dst)+3], '-', hexDigits[8+d.below(4)])
	dst = append(d.appendHex(dst, 2)[:len(dst)+3], '-')
	return d.appendHex(dst, 6)
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// appendID writes the identifier of an event: 120 bits.
func (d *dice) appendID(dst []byte) []byte {
	for range 2 {
		x := d.Uint64()
		for range 10 {
			dst = append(dst, base64Digits[x&63])
			x >>= 6
		}
	}
	return append(dst, "++++"...)
}

// appendPublic writes an IPv4 address of the internet, of a few hundred.
func (d *dice) appendPublic(dst []byte) []byte {
	k := d.skewed(600)
	for i, part := range [4]int{[...]int{34, 52, 104, 140, 151, 185, 199, 13}[k%8], (k * 37) & 255, (k * 101) & 255, 1 + (k*53)%254} {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendInt(dst, int64(part), 10)
	}
	return dst
}
