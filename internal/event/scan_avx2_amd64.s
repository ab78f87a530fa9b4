//go:build !purego

#include "textflag.h"

// The first stage over blocks of 64 bytes; scan_amd64.go tells what it finds and
// why that is enough. A word holds one bit for each byte of the block, the first
// byte's lowest, so that what follows is carried upward by adding.

// The fields of struct blocks.
#define INSTRING 0
#define ESCAPE 8
#define COMMA 16
#define BRACE 24
#define VALUE 32
#define KEYEND 40
#define KEY 48
#define SCALAR 56
#define TOKEN 64
#define BAD 72
#define WIDE 80
#define BASE 88
#define OPENS 96
#define TOKENS 104
#define NTOKENS 112
#define SCALARS 120
#define NSCALARS 128
#define ESCAPES 136
#define NESCAPES 144
#define QUOTES 152

DATA bytes<>+0(SB)/8, $0x5B3A7D7B2C205C22 // " \ blank , { } : [
DATA bytes<>+8(SB)/8, $0x0000000D0A091F5D // ] 0x1F tab, line feed, return
GLOBL bytes<>(SB), RODATA|NOPTR, $16

// WORD sets dst to the word whose halves are the bytes of Y12 and Y13. R12 is lost.
#define WORD(dst) \
	VPMOVMSKB Y12, dst; \
	VPMOVMSKB Y13, R12; \
	SHLQ $32, R12; \
	ORQ R12, dst

// MASK sets dst to the word of the block's bytes, Y10 and Y11, that equal those
// of a register.
#define MASK(c, dst) \
	VPCMPEQB c, Y10, Y12; \
	VPCMPEQB c, Y11, Y13; \
	WORD(dst)

// FOLLOWS sets dst to the first bytes after those in x that are not blank. DX
// are the blanks; x and tmp are lost.
#define FOLLOWS(x, carry, dst, tmp) \
	MOVQ carry(DI), dst; \
	LEAQ (dst)(x*2), dst; \
	MOVQ x, tmp; \
	SHRQ $63, tmp; \
	ADDQ DX, dst; \
	ADCQ $0, tmp; \
	MOVQ tmp, carry(DI); \
	ANDNQ dst, DX, dst

// UNESCAPED sets AX to the quotes that no backslash escapes, and lists what
// backslashes escape.
#define UNESCAPED \
	MASK(Y0, AX); \
	MASK(Y1, BX); \
	MOVQ ESCAPE(DI), R8; \
	MOVQ BX, R9; \
	ORQ R8, R9; \
	JZ noescape; \
	ANDNQ BX, R8, R10; \ // backslashes that are not escaped by the block before
	LEAQ (R10)(R10*1), R11; \
	MOVQ $0xAAAAAAAAAAAAAAAA, R12; \
	ORQ R12, R11; \
	SUBQ R10, R11; \
	XORQ R12, R11; \ // each backslash that escapes, and the end of each run if it does not
	XORQ R11, R9; \ // what is escaped
	ANDQ BX, R11; \
	SHRQ $63, R11; \
	MOVQ R11, ESCAPE(DI); \
	ANDNQ AX, R9, AX; \
	MOVQ ESCAPES(DI), R10; \
	MOVQ NESCAPES(DI), R11; \
escapes: \
	TZCNTQ R9, R12; \
	JCS escaped; \
	ADDQ BASE(DI), R12; \
	MOVL R12, (R10)(R11*4); \
	INCQ R11; \
	BLSRQ R9, R9; \
	JMP escapes; \
escaped: \
	MOVQ R11, NESCAPES(DI); \
noescape:

// STRINGS sets CX to what is not in a string, whose opening quote is part of it
// and whose closing quote is not, and R12 to the opening quotes. X14 are ones.
#define STRINGS \
	MOVQ AX, X12; \
	VPCLMULQDQ $0, X14, X12, X12; \
	MOVQ X12, CX; \
	XORQ INSTRING(DI), CX; \
	MOVQ CX, R12; \
	SARQ $63, R12; \
	MOVQ R12, INSTRING(DI); \
	MOVQ AX, R9; \
	ANDQ CX, R9; \
	MOVQ R9, OPENS(DI); \
	NOTQ CX

// CONTROLS checks control characters, BX, if there are any.
#define CONTROLS \
	ANDNQ BX, CX, R8; \ // in a string: never
	VPBROADCASTB bytes<>+10(SB), Y13; \
	MASK(Y13, R9); \
	VPBROADCASTB bytes<>+11(SB), Y13; \
	MASK(Y13, R10); \
	ORQ R10, R9; \
	VPBROADCASTB bytes<>+12(SB), Y13; \
	MASK(Y13, R10); \
	ORQ R10, R9; \
	ANDNQ BX, R9, R9; \ // none that JSON allows between tokens
	ORQ R9, R8; \
	ORQ R8, BAD(DI)

// GRAMMAR sets BX to the tokens and R13 to the starts of numbers and literals,
// and adds to BAD what may not be where it is.
//
//	AX what is wrong    BX, R8, R12, R13 passing    CX not in a string    DX blanks
//	R9 after a comma    R10 starts of values        R11 after a brace
//	R14 tokens          R15 all that is no part of a number or literal
#define GRAMMAR \
	MOVQ CX, R15; \
	NOTQ R15; \
	ORQ AX, R15; \
	ORQ DX, R15; \
	MASK(Y3, R8); \
	ANDQ CX, R8; \
	ORQ R8, R15; \
	FOLLOWS(R8, COMMA, R9, BX); \
	MASK(Y4, R10); \
	ANDQ CX, R10; \
	ORQ R10, R15; \
	MOVQ R10, R14; \
	FOLLOWS(R10, BRACE, R11, BX); \
	MOVQ OPENS(DI), R8; \
	ORQ R8, R10; \
	MOVQ R9, R13; \ // strings after a comma or brace: may be keys
	ORQ R11, R13; \
	ANDQ R8, R13; \
	ORQ KEY(DI), R13; \
	MOVQ CX, BX; \
	NOTQ BX; \
	XORL R12, R12; \
	ADDQ BX, R13; \
	ADCQ $0, R12; \
	MOVQ R12, KEY(DI); \
	ANDQ CX, R13; \ // their closing quotes
	FOLLOWS(R13, KEYEND, R8, BX); \
	MASK(Y6, R13); \
	ANDQ CX, R13; \
	ORQ R13, R15; \
	ORQ R13, R14; \
	ANDNQ R13, R8, AX; \ // a colon not after such a string
	ORQ R8, R14; \ // what is no colon there must be in an array
	MASK(Y5, BX); \
	ANDQ CX, BX; \
	ORQ BX, R15; \
	ORQ BX, R14; \
	ANDQ BX, R8; \
	ORQ R8, AX; \ // and not before a closing brace
	ORQ OPENS(DI), BX; \
	ANDNQ R11, BX, BX; \
	ORQ BX, AX; \ // neither key nor closing brace after an opening one
	MASK(Y7, R8); \
	ANDQ CX, R8; \
	ORQ R8, R15; \
	ORQ R8, R14; \
	ORQ R8, R10; \
	ORQ R13, R8; \
	FOLLOWS(R8, VALUE, BX, R12); \
	MASK(Y8, R8); \
	ANDQ CX, R8; \
	ORQ R8, R15; \
	ORQ R8, R14; \
	NOTQ R15; \
	MOVQ SCALAR(DI), R13; \
	LEAQ (R13)(R15*2), R13; \
	MOVQ R15, R12; \
	SHRQ $63, R12; \
	MOVQ R12, SCALAR(DI); \
	ANDNQ R15, R13, R13; \
	ORQ R13, R10; \
	ANDNQ R9, R10, R12; \
	ORQ R12, AX; \ // no value after a comma
	ORQ R10, R8; \
	ANDNQ BX, R8, R8; \
	ORQ R8, AX; \ // neither value nor closing bracket after a colon or opening bracket
	ORQ R9, R11; \
	ORQ BX, R11; \
	ANDNQ R10, R11, R11; \
	ORQ R11, AX; \ // a value after none of these
	ORQ AX, BAD(DI); \
	MOVQ OPENS(DI), R12; \
	ANDNQ R9, R12, R12; \ // no string after a comma: must be in an array
	MOVQ TOKEN(DI), BX; \
	LEAQ (BX)(R14*2), BX; \
	ORQ R12, BX; \
	SHRQ $63, R14; \
	MOVQ R14, TOKEN(DI)

// NEXT writes the lowest position in the word x. R12 is BASE.
#define NEXT(x, place) \
	TZCNTQ x, R10; \
	ADDQ R12, R10; \
	MOVL R10, place(R8); \
	BLSRQ x, x

// LIST appends the positions in the word x to a list, some of them at once: if
// they are fewer, what is written in vain is overwritten by the next word's.
#define LIST(x, list, n, some, more) \
	MOVQ list(DI), R8; \
	MOVQ n(DI), R9; \
	LEAQ (R8)(R9*4), R8; \
	POPCNTQ x, R11; \
	ADDQ R11, R9; \
	MOVQ R9, n(DI); \
more: \
	some(x); \
	TESTQ x, x; \
	JNZ more

#define SIX(x) \
	NEXT(x, 0); \
	NEXT(x, 4); \
	NEXT(x, 8); \
	NEXT(x, 12); \
	NEXT(x, 16); \
	NEXT(x, 20); \
	ADDQ $24, R8

#define TWO(x) \
	NEXT(x, 0); \
	NEXT(x, 4); \
	ADDQ $8, R8

// func blocksAVX2(b *blocks, p *byte, n int)
TEXT ·blocksAVX2(SB), NOSPLIT, $0-24
	MOVQ b+0(FP), DI
	MOVQ p+8(FP), SI
	VPBROADCASTB bytes<>+0(SB), Y0
	VPBROADCASTB bytes<>+1(SB), Y1
	VPBROADCASTB bytes<>+2(SB), Y2
	VPBROADCASTB bytes<>+3(SB), Y3
	VPBROADCASTB bytes<>+4(SB), Y4
	VPBROADCASTB bytes<>+5(SB), Y5
	VPBROADCASTB bytes<>+6(SB), Y6
	VPBROADCASTB bytes<>+7(SB), Y7
	VPBROADCASTB bytes<>+8(SB), Y8
	VPBROADCASTB bytes<>+9(SB), Y9
	VPCMPEQB X14, X14, X14
	VPXOR Y15, Y15, Y15

block:
	VMOVDQU (SI), Y10
	VMOVDQU 32(SI), Y11
	VPOR Y10, Y15, Y15
	VPOR Y11, Y15, Y15
	UNESCAPED
	MOVQ QUOTES(DI), R8
	MOVQ AX, (R8)
	ADDQ $8, R8
	MOVQ R8, QUOTES(DI)
	STRINGS
	VPMINUB Y10, Y2, Y12 // at most a blank
	VPMINUB Y11, Y2, Y13
	VPCMPEQB Y10, Y12, Y12
	VPCMPEQB Y11, Y13, Y13
	WORD(DX)
	ANDQ CX, DX
	VPMINUB Y10, Y9, Y12
	VPMINUB Y11, Y9, Y13
	VPCMPEQB Y10, Y12, Y12
	VPCMPEQB Y11, Y13, Y13
	WORD(BX)
	TESTQ BX, BX
	JZ nocontrols
	CONTROLS

nocontrols:
	GRAMMAR
	MOVQ BASE(DI), R12
	LIST(BX, TOKENS, NTOKENS, SIX, moretokens)
	LIST(R13, SCALARS, NSCALARS, TWO, morescalars)
	ADDQ $64, BASE(DI)
	ADDQ $64, SI
	DECQ n+16(FP)
	JNZ block
	VPMOVMSKB Y15, AX
	ORQ AX, WIDE(DI)
	VZEROUPPER
	RET
