package rule

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// ValueListFolder is the name of the folders, anywhere in a folder of rules, that
// hold value lists: a file for each, named for the list's id, a value a line.
const ValueListFolder = "value_lists"

// Elastic's limits: what is longer makes no filter.
const (
	maxListValues = 65_536
	maxDashRanges = 200
)

// valueLists finds value lists by id and reads each of them once.
type valueLists struct {
	files map[string]string // by id
	read  map[string][]string
}

func newValueLists() *valueLists {
	return &valueLists{files: map[string]string{}, read: map[string][]string{}}
}

// found notes the file of a value list in a folder of rules. Kibana calls an
// uploaded list by its file's name; the name without its ending will do, too.
func (l *valueLists) found(path string) {
	base := filepath.Base(path)
	for _, id := range []string{base, strings.TrimSuffix(base, filepath.Ext(base))} {
		if _, taken := l.files[id]; !taken {
			l.files[id] = path
		}
	}
}

// condition holds when the field has a value that the list has. An error says
// why Elastic would make no filter of the list.
func (l *valueLists) condition(t target, ref ValueListRef) (eql.Expr, error) {
	switch ref.Type {
	case "keyword", "ip", "ip_range":
	default:
		return nil, fmt.Errorf("lists of type %s make no filter; keyword, ip and ip_range do", quote(ref.Type))
	}
	values, err := l.values(ref.ID)
	switch {
	case err != nil:
		return nil, err
	case len(values) > maxListValues:
		return nil, fmt.Errorf("it has %d values; at most %d make a filter", len(values), maxListValues)
	case len(values) == 0:
		return &eql.Literal{Value: value.OfBool(false)}, nil
	case ref.Type == "keyword":
		in := &eql.In{X: t.field, Fold: t.fold}
		for _, v := range values {
			in.List = append(in.List, constant(v))
		}
		return in, nil
	}
	var blocks []string
	dashes := 0
	for _, v := range values {
		more, dash, err := blocksOf(v)
		if err != nil {
			return nil, err
		}
		if dash {
			dashes++
		}
		blocks = append(blocks, more...)
	}
	if dashes > maxDashRanges {
		return nil, fmt.Errorf("it has %d ranges written with a dash; at most %d make a filter", dashes, maxDashRanges)
	}
	return t.inBlocks(blocks), nil
}

// values reads a list.
func (l *valueLists) values(id string) ([]string, error) {
	if values, ok := l.read[id]; ok {
		return values, nil
	}
	path, ok := l.files[id]
	if !ok {
		return nil, errors.New("no file of that name was given")
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxJSON {
		err = fmt.Errorf("%s has %d bytes; at most %d are read", path, info.Size(), maxJSON)
	}
	if err != nil {
		return nil, errors.New(path + ": " + cause(err))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New(path + ": " + cause(err))
	}
	seen := map[string]bool{}
	var values []string
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if v := strings.TrimSpace(line); v != "" && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	l.read[id] = values
	return values, nil
}

// blocksOf returns the blocks of addresses that an address, a block or a range
// A-B stands for.
func blocksOf(text string) (blocks []string, dash bool, err error) {
	from, to, dash := strings.Cut(text, "-")
	if !dash {
		if addr, err := netip.ParseAddr(text); err == nil {
			return []string{netip.PrefixFrom(addr, addr.BitLen()).String()}, false, nil
		}
		if _, err := value.ParseCIDR(text); err != nil {
			return nil, false, fmt.Errorf("%s is neither an address nor a range of them", quote(text))
		}
		return []string{text}, false, nil
	}
	a, errA := netip.ParseAddr(strings.TrimSpace(from))
	b, errB := netip.ParseAddr(strings.TrimSpace(to))
	if errA != nil || errB != nil || a.BitLen() != b.BitLen() || b.Less(a) {
		return nil, true, fmt.Errorf("%s is no range of addresses", quote(text))
	}
	for {
		block := widestBlock(a, b)
		blocks = append(blocks, block.String())
		last := lastOf(block)
		if last == b || !last.Next().IsValid() {
			return blocks, true, nil
		}
		a = last.Next()
	}
}

// widestBlock returns the largest block that starts at a and does not go past b.
func widestBlock(a, b netip.Addr) netip.Prefix {
	bits := a.BitLen()
	for bits > 0 {
		wider := netip.PrefixFrom(a, bits-1).Masked()
		if wider.Addr() != a || b.Less(lastOf(wider)) {
			break
		}
		bits--
	}
	return netip.PrefixFrom(a, bits)
}

// lastOf returns the last address of a block.
func lastOf(p netip.Prefix) netip.Addr {
	raw := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(raw)*8; i++ {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(raw)
	return last
}
