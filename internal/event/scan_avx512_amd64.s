//go:build !purego

#include "textflag.h"

// The first stage over groups of eight blocks of 64 bytes; scan_amd64.go tells
// what it finds and why that is enough. First each block's bytes are compared,
// which gives words of one bit for each byte, the first byte's lowest. Then the
// words of eight blocks are judged at once, one in each lane of a register. At
// last the positions of their bits are written to the lists.

// The fields of struct groups.
#define TOKENS 0
#define NTOKENS 8
#define SCALARS 16
#define NSCALARS 24
#define ESCAPES 32
#define NESCAPES 40
#define QUOTES 48
#define BASE 56
#define ESCAPE 64
#define INSTRING 72
#define KEY 80
#define BAD 88
#define WIDE 96
#define BEFORE 104
#define VALID 488

// The words of a group, eight of each kind. Brackets are told from braces by CURLY.
#define QUOTE 552
#define BLANK 616
#define CONTROL 680
#define COMMA 744
#define OPENING 808
#define CLOSING 872
#define COLON 936
#define CURLY 1000
#define ALLOWED 1064

DATA chars<>+0(SB)/8, $0x5B3A7D7B2C205C22 // " \ blank , { } : [
DATA chars<>+8(SB)/8, $0x000000000D0A095D // ] tab, line feed, return
GLOBL chars<>(SB), RODATA|NOPTR, $16

DATA iota<>+0(SB)/8, $0x0706050403020100
DATA iota<>+8(SB)/8, $0x0F0E0D0C0B0A0908
DATA iota<>+16(SB)/8, $0x1716151413121110
DATA iota<>+24(SB)/8, $0x1F1E1D1C1B1A1918
DATA iota<>+32(SB)/8, $0x2726252423222120
DATA iota<>+40(SB)/8, $0x2F2E2D2C2B2A2928
DATA iota<>+48(SB)/8, $0x3736353433323130
DATA iota<>+56(SB)/8, $0x3F3E3D3C3B3A3938
GLOBL iota<>(SB), RODATA|NOPTR, $64

// Tables of VPTERNLOGQ $table, c, b, a: what a becomes.
#define OR3 $0xFE // a | b | c
#define AND_OR $0xE0 // a & (b | c)
#define OR_AND $0xF8 // a | (b & c)
#define OR_ANDNOT $0xF4 // a | (b & ^c)

// WORDS writes to the words of a kind which bytes of Z10 equal those of a register.
#define WORDS(c, kind) \
	VPCMPEQB c, Z10, K1; \
	KMOVQ K1, kind(R10)

// BEHIND sets dst to the bits of x moved up by one. Before is what x was for the
// group before, and becomes x.
#define BEHIND(x, before, dst) \
	VALIGNQ $7, before, x, dst; \
	VMOVDQA64 x, before; \
	VPSHLDQ $1, dst, x, dst

// CARRIES turns the lanes in which an addition overflowed, R11, those which are
// all ones after it, R12, and what is carried into the lowest, BX, into the
// lanes that must be one more, K1, and what is carried out of the highest, R11.
#define CARRIES \
	LEAL (BX)(R11*2), R11; \
	ADDL R12, R11; \
	XORL R11, R12; \
	KMOVB R12, K1; \
	SHRL $8, R11; \
	ANDL $1, R11

// FOLLOWS sets dst to the first bytes after those in x that are not blank; Z12
// are the blanks, AX tells if there are any; Z13 is lost. What goes beyond the group is kept
// as the highest bit of before.
#define FOLLOWS(x, before, dst, done) \
	BEHIND(x, before, dst); \
	TESTL AX, AX; \
	JZ done; \
	VPADDQ Z12, dst, dst; \
	VPCMPUQ $1, Z12, dst, K1; \
	KMOVB K1, R11; \
	VPCMPEQQ Z9, dst, K1; \
	KMOVB K1, R12; \
	XORL BX, BX; \
	CARRIES; \
	VPSUBQ Z9, dst, K1, dst; \
	VPANDNQ dst, Z12, dst; \
	SHLL $7, R11; \
	KMOVB R11, K1; \
	VPSLLQ $63, Z9, Z13; \
	VPORQ Z13, before, K1, before; \
done:

// LIST writes the positions of the bits of a block's word to where list points,
// and moves that behind them. Z28 counts from 0, Z29, of which at is a part, is
// the block's position in all lanes. At first no more are written than part, a
// part of Z13, holds, which is size: long stores are slow.
#define LIST(word, at, part, size, list, more, done) \
	KMOVQ word, K1; \
	VPCOMPRESSB.Z Z28, K1, Z12; \
	POPCNTQ word, BX; \
	VPMOVZXBD X12, part; \
	VPADDD at, part, part; \
	VMOVDQU32 part, (list); \
	CMPQ BX, size; \
	JHI more; \
done: \
	LEAQ (list)(BX*4), list

// LONG is LIST if there are more.
#define LONG(list, next, done) \
	MOVQ list, R12; \
	MOVQ BX, R11; \
next: \
	VPMOVZXBD X12, Z13; \
	VPADDD Z29, Z13, Z13; \
	VMOVDQU32 Z13, (R12); \
	VALIGNQ $2, Z12, Z12, Z12; \
	ADDQ $64, R12; \
	SUBQ $16, R11; \
	JHI next; \
	JMP done

// func groupsAVX512(s *groups, p *byte, n int)
TEXT ·groupsAVX512(SB), NOSPLIT, $0-24
	MOVQ s+0(FP), DI
	MOVQ p+8(FP), SI
	MOVQ n+16(FP), R15
	VPBROADCASTB chars<>+0(SB), Z0
	VPBROADCASTB chars<>+1(SB), Z1
	VPBROADCASTB chars<>+2(SB), Z2
	VPBROADCASTB chars<>+3(SB), Z3
	VPBROADCASTB chars<>+4(SB), Z4
	VPBROADCASTB chars<>+5(SB), Z5
	VPBROADCASTB chars<>+6(SB), Z6
	VPTERNLOGQ $0xFF, Z9, Z9, Z9
	VMOVDQU64 BEFORE+0(DI), Z20
	VMOVDQU64 BEFORE+64(DI), Z21
	VMOVDQU64 BEFORE+128(DI), Z22
	VMOVDQU64 BEFORE+192(DI), Z23
	VMOVDQU64 BEFORE+256(DI), Z24
	VMOVDQU64 BEFORE+320(DI), Z25
	VPXORQ Z26, Z26, Z26
	VPXORQ Z27, Z27, Z27
	VMOVDQU64 iota<>(SB), Z28
	VPBROADCASTD BASE(DI), Z29
	MOVL $64, AX
	VPBROADCASTD AX, Z30
	VMOVDQU64 VALID(DI), Z31
	MOVQ BASE(DI), R13
	MOVQ TOKENS(DI), R8
	MOVQ NTOKENS(DI), AX
	LEAQ (R8)(AX*4), R8
	MOVQ SCALARS(DI), R9
	MOVQ NSCALARS(DI), AX
	LEAQ (R9)(AX*4), R9
	MOVQ ESCAPE(DI), R14

group:
	MOVQ DI, R10
	MOVL $8, CX
	VMOVDQA64 Z9, Z14 // the least bytes

compare:
	VMOVDQU64 (SI), Z10
	VPORQ Z10, Z26, Z26
	VPMINUB Z10, Z14, Z14
	VPCMPEQB Z0, Z10, K1
	VPCMPEQB Z1, Z10, K2
	KMOVQ K1, AX
	KMOVQ K2, BX
	VPCMPUB $2, Z2, Z10, K1
	KMOVQ K1, BLANK(R10) // and control characters
	WORDS(Z3, COMMA)
	WORDS(Z6, COLON)
	VPTESTMB Z2, Z10, K1
	KMOVQ K1, CURLY(R10) // among brackets: those that are braces
	VPORQ Z2, Z10, Z10
	WORDS(Z4, OPENING)
	WORDS(Z5, CLOSING)
	MOVQ BX, R11
	ORQ R14, R11
	JNZ slashes

quotes:
	MOVQ AX, QUOTE(R10)
	ADDQ $64, SI
	ADDQ $64, R13
	ADDQ $8, R10
	DECL CX
	JNZ compare

	// Z10: in a string, with its opening quote and without its closing one.
	VMOVDQU64 QUOTE(DI), Z11
	MOVQ QUOTES(DI), R10
	VMOVDQU64 Z11, (R10)
	ADDQ $64, R10
	MOVQ R10, QUOTES(DI)
	VPCLMULQDQ $0x00, Z9, Z11, Z12
	VPCLMULQDQ $0x01, Z9, Z11, Z13
	VPUNPCKLQDQ Z13, Z12, Z10
	VPMOVQ2M Z10, K1
	KMOVB K1, AX // blocks with an odd number of quotes
	LEAL (AX)(AX*1), BX
	XORL BX, AX
	LEAL (AX*4), BX
	XORL BX, AX
	MOVL AX, BX
	SHLL $4, BX
	XORL BX, AX
	ANDL $0xFF, AX
	ADDL AX, AX
	XORL INSTRING(DI), AX // all ones or 0
	KMOVB AX, K1 // blocks that begin in a string
	VPXORQ Z9, Z10, K1, Z10
	SHLL $23, AX
	SARL $31, AX
	MOVL AX, INSTRING(DI)

	VPANDQ Z10, Z11, Z15 // opening quotes
	VPANDNQ BLANK(DI), Z10, Z12 // blanks between tokens
	VPTESTMQ Z12, Z12, K1
	KMOVB K1, AX
	VPCMPUB $1, Z2, Z14, K1
	KORTESTQ K1, K1
	JNZ controls

judge:
	VPTERNLOGQ OR3, Z12, Z10, Z11 // Z11: what is no part of a number or literal
	VPANDNQ COMMA(DI), Z10, Z13
	VPANDNQ OPENING(DI), Z10, Z14
	VPANDQ CURLY(DI), Z14, Z14
	VPTERNLOGQ OR3, Z13, Z14, Z11
	FOLLOWS(Z13, Z20, Z16, comma) // Z16: after a comma
	FOLLOWS(Z14, Z21, Z17, brace) // Z17: after an opening brace

	// Strings after these may be keys: from their opening quotes to what follows
	// their closing ones.
	VMOVDQA64 Z15, Z13
	VPTERNLOGQ AND_OR, Z16, Z17, Z13
	VPADDQ Z10, Z13, Z13
	VPCMPUQ $1, Z10, Z13, K1
	KMOVB K1, R11
	VPCMPEQQ Z9, Z13, K1
	KMOVB K1, R12
	MOVL KEY(DI), BX
	CARRIES
	MOVL R11, KEY(DI)
	VPSUBQ Z9, Z13, K1, Z13
	VPANDNQ Z13, Z10, Z13
	FOLLOWS(Z13, Z22, Z18, keyend) // Z18: after a string that may be a key

	VPANDNQ COLON(DI), Z10, Z13
	VPTERNLOGQ OR_ANDNOT, Z18, Z13, Z27 // a colon not there
	VPORQ Z13, Z11, Z11
	VPANDNQ CLOSING(DI), Z10, Z19
	VPANDQ CURLY(DI), Z19, Z19
	VPTERNLOGQ OR_AND, Z18, Z19, Z27 // a closing brace there
	VPORQ Z19, Z11, Z11
	VPTERNLOGQ OR3, Z14, Z19, Z18
	VPORQ Z13, Z18, Z18 // Z18: tokens; what is no colon behind a string must be in an array
	VPORQ Z15, Z19, Z19
	VPTERNLOGQ OR_ANDNOT, Z19, Z17, Z27 // neither string nor closing brace after an opening one
	VPORQ Z15, Z14, Z14
	VPORQ CURLY(DI), Z10, Z10
	VPANDNQ OPENING(DI), Z10, Z19
	VPORQ Z19, Z14, Z14 // Z14: starts of values, but numbers and literals
	VPTERNLOGQ OR3, Z19, Z14, Z11
	VPORQ Z19, Z18, Z18
	VPORQ Z19, Z13, Z13
	VPANDNQ CLOSING(DI), Z10, Z10
	VPORQ Z10, Z11, Z11
	VPORQ Z10, Z18, Z18
	FOLLOWS(Z13, Z23, Z19, value) // Z19: after a colon or opening bracket

	VPANDNQ Z31, Z11, Z11
	BEHIND(Z11, Z24, Z13)
	VPANDNQ Z11, Z13, Z11 // Z11: starts of numbers and literals
	VPORQ Z11, Z14, Z14
	VPTERNLOGQ OR_ANDNOT, Z14, Z16, Z27 // no value after a comma
	VPORQ Z14, Z10, Z10
	VPTERNLOGQ OR_ANDNOT, Z10, Z19, Z27 // neither value nor closing bracket after a colon or opening bracket
	VPTERNLOGQ OR3, Z16, Z17, Z19
	VPTERNLOGQ OR_ANDNOT, Z19, Z14, Z27 // a value after none of these
	BEHIND(Z18, Z25, Z13)
	VPTERNLOGQ OR_ANDNOT, Z15, Z16, Z13 // no string after a comma: must be in an array
	VMOVDQU64 Z13, QUOTE(DI)
	VMOVDQU64 Z11, COMMA(DI)

	MOVQ DI, R10
	MOVL $8, CX

list:
	LIST(QUOTE(R10), Z29, Z13, $16, R8, longtokens, tokens)
	LIST(COMMA(R10), X29, X13, $4, R9, longscalars, scalars)
	VPADDD Z30, Z29, Z29
	ADDQ $8, R10
	DECL CX
	JNZ list
	DECQ R15
	JNZ group

	MOVQ R13, BASE(DI)
	MOVQ R14, ESCAPE(DI)
	SUBQ TOKENS(DI), R8
	SHRQ $2, R8
	MOVQ R8, NTOKENS(DI)
	SUBQ SCALARS(DI), R9
	SHRQ $2, R9
	MOVQ R9, NSCALARS(DI)
	VMOVDQU64 Z20, BEFORE+0(DI)
	VMOVDQU64 Z21, BEFORE+64(DI)
	VMOVDQU64 Z22, BEFORE+128(DI)
	VMOVDQU64 Z23, BEFORE+192(DI)
	VMOVDQU64 Z24, BEFORE+256(DI)
	VMOVDQU64 Z25, BEFORE+320(DI)
	VPMOVB2M Z26, K1
	KMOVQ K1, AX
	ORQ AX, WIDE(DI)
	VPTESTMQ Z27, Z27, K1
	KMOVB K1, AX
	ORQ AX, BAD(DI)
	VZEROUPPER
	RET

	// Words of many bits.
longtokens:
	LONG(R8, nexttokens, tokens)

longscalars:
	LONG(R9, nextscalars, scalars)

	// Backslashes, BX, in a block, or one at the end of the block before: take
	// from AX the quotes that are escaped, and list what is.
slashes:
	MOVQ BX, R11
	ORQ R14, R11
	ANDNQ BX, R14, DX // backslashes that are not escaped by the block before
	LEAQ (DX)(DX*1), R12
	MOVQ $0xAAAAAAAAAAAAAAAA, R14
	ORQ R14, R12
	SUBQ DX, R12
	XORQ R14, R12 // each backslash that escapes, and the end of each run if it does not
	XORQ R12, R11 // what is escaped
	ANDQ BX, R12
	SHRQ $63, R12
	MOVQ R12, R14
	ANDNQ AX, R11, AX
	MOVQ ESCAPES(DI), BX
	MOVQ NESCAPES(DI), R12

escapes:
	TZCNTQ R11, DX
	JCS escaped
	ADDQ R13, DX
	MOVL DX, (BX)(R12*4)
	INCQ R12
	BLSRQ R11, R11
	JMP escapes

escaped:
	MOVQ R12, NESCAPES(DI)
	JMP quotes

	// Control characters: not in strings, and elsewhere only three.
controls:
	VPBROADCASTB chars<>+9(SB), Z16
	VPBROADCASTB chars<>+10(SB), Z17
	VPBROADCASTB chars<>+11(SB), Z18
	LEAQ -512(SI), R10
	MOVQ DI, R11
	MOVL $8, CX

control:
	VMOVDQU64 (R10), Z14
	VPCMPEQB Z16, Z14, K1
	VPCMPEQB Z17, Z14, K2
	VPCMPEQB Z18, Z14, K3
	KORQ K1, K2, K1
	KORQ K3, K1, K1
	KMOVQ K1, ALLOWED(R11)
	VPCMPUB $1, Z2, Z14, K1
	KMOVQ K1, CONTROL(R11)
	ADDQ $64, R10
	ADDQ $8, R11
	DECL CX
	JNZ control
	VMOVDQU64 CONTROL(DI), Z13
	VPTERNLOGQ OR_AND, Z10, Z13, Z27
	VPORQ ALLOWED(DI), Z10, Z14
	VPTERNLOGQ OR_ANDNOT, Z14, Z13, Z27
	JMP judge
