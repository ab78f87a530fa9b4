package store

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

func uniqueName() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// folderName is the name of an index as part of a path, as Hive writes it: what is
// not plain is percent-encoded. A long one is cut, with a hash of the whole.
func folderName(index string) string {
	var out strings.Builder
	for i := range len(index) {
		c := index[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
		if plain {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	const longest = 200
	if out.Len() > longest {
		return fmt.Sprintf("%s-%08x", out.String()[:longest], castagnoli([]byte(index)))
	}
	return out.String()
}
