package store

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/format"
)

// pageSize is how large a page of documents gets before the next one is begun. A
// larger one packs a little better, and costs more of who looks for one document.
const pageSize = 1 << 20

// packer compresses and decompresses pages. It is safe for concurrent use.
type packer struct {
	encoders sync.Pool
	decoder  *zstd.Decoder
}

func newPacker() *packer {
	p := &packer{}
	p.encoders.New = func() any {
		e, err := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(pageSize), zstd.WithEncoderCRC(false)) // records and Parquet's pages have sums
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	}
	// A decoder for each processor is made when it is needed.
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxRecord))
	if err != nil {
		panic(err)
	}
	p.decoder = decoder
	return p
}

// pack appends the page, compressed, to dst.
func (p *packer) pack(dst, page []byte) []byte {
	e := p.encoders.Get().(*zstd.Encoder)
	dst = e.EncodeAll(page, dst)
	p.encoders.Put(e)
	return dst
}

// unpack appends the page to dst, which should have room for it.
func (p *packer) unpack(dst, packed []byte, size int) ([]byte, error) {
	at := len(dst)
	dst, err := p.decoder.DecodeAll(packed, dst)
	if err == nil && len(dst)-at != size {
		err = fmt.Errorf("page of %d bytes, %d were written", len(dst)-at, size)
	}
	return dst, err
}

// pageCodec compresses a segment's pages of documents. A page of which the
// compressed form is at hand, because it is that of the log, is not compressed again.
type pageCodec struct {
	packer *packer
	page   []byte
	packed []byte
}

var _ compress.Codec = (*pageCodec)(nil)

// String implements [compress.Codec].
func (c *pageCodec) String() string { return "ZSTD" }

// CompressionCodec implements [compress.Codec].
func (c *pageCodec) CompressionCodec() format.CompressionCodec { return format.Zstd }

// Encode implements [compress.Codec].
func (c *pageCodec) Encode(dst, src []byte) ([]byte, error) {
	if c.packed != nil && bytes.Equal(src, c.page) {
		return append(dst[:0], c.packed...), nil
	}
	return c.packer.pack(dst[:0], src), nil
}

// Decode implements [compress.Codec].
func (c *pageCodec) Decode(dst, src []byte) ([]byte, error) {
	return c.packer.decoder.DecodeAll(src, dst[:0])
}
