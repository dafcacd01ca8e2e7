package words

import (
	"fmt"

	"hongbao/contract"
)

// What a wallet asks its owner, and warns of. Questions end with their question
// mark; those for a secret name it, and the colon is the asker's.

// Passphrase asks for what opens a key.
func Passphrase(l Lang, key string) string {
	return fmt.Sprintf(l.pick("passphrase of %s", "%s的口令"), key)
}

// NewPassphrase asks for what shall protect a key, and PassphraseAgain for the
// same a second time.
func NewPassphrase(l Lang, key string) string {
	return fmt.Sprintf(l.pick("a passphrase to protect %s with", "给%s设一个口令"), key)
}

// PassphraseAgain follows NewPassphrase.
func PassphraseAgain(l Lang) string { return l.pick("the same once more", "再输入一遍") }

// ShortPassphrase warns of a new passphrase that is soon guessed.
func ShortPassphrase(l Lang, letters int) string {
	return fmt.Sprintf(l.pick("a thief of the key file soon guesses a passphrase of fewer than %d letters",
		"口令不到%d个字,谁拿到密钥文件,很快就能猜出来"), letters)
}

// WrongPassphrase is said before the same is asked again.
func WrongPassphrase(l Lang) string {
	return l.pick("wrong passphrase: once more", "口令不对,请再输入一次")
}

// RemoveKey asks before a key is removed.
func RemoveKey(l Lang, key string) string {
	return fmt.Sprintf(l.pick("%s will be gone from this home; only its words bring it back.",
		"%s会从这里删掉,只有助记词能找回它。"),
		key)
}

// KeyHolds warns of money at the addresses of a key.
func KeyHolds(l Lang, key string, a contract.Amount) string {
	return fmt.Sprintf(l.pick("%s has %s", "%s里还有%s"), key, a.Yuan())
}

// KeyWords asks for the words of a key that is brought from elsewhere.
func KeyWords(l Lang, key string) string {
	return fmt.Sprintf(l.pick("the words of %s", "%s的助记词"), key)
}

// KeepWords is what to do with a new key, and how.
func KeepWords(l Lang, command string) string {
	return fmt.Sprintf(l.pick("write down its twelve words, the only way back to it: %s",
		"请抄下十二个助记词,那是找回它的唯一办法:%s"),
		command)
}

// UseKey is how to sign with a key from now on.
func UseKey(l Lang, command string) string {
	return fmt.Sprintf(l.pick("sign with it from now on: %s", "以后都用它签字:%s"), command)
}

// ShowWords asks before a key's words are on the screen.
func ShowWords(l Lang, key string) string {
	return fmt.Sprintf(l.pick("The words of %s will be on the screen. Whoever reads them has its money. Show them?",
		"%s的助记词会显示在屏幕上,谁看到谁就能动里面的钱。要显示吗?"), key)
}

// Lookalike warns of an address that is not known's.
func Lookalike(l Lang, known string) string {
	return fmt.Sprintf(l.pick("this is not the address of %s, though it begins and ends like it",
		"这不是%s的地址,只是开头和结尾一样"), known)
}

// UseLookalike asks about it.
func UseLookalike(l Lang, known string) string {
	return fmt.Sprintf(l.pick("It is not %s. Use it all the same?", "这不是%s。仍然要用吗?"), known)
}

// FreshAddress says what a share is claimed with.
func FreshAddress(l Lang, name, address string) string {
	return fmt.Sprintf(l.pick("claiming as %s, a new address: %s", "用新地址%s领取:%s"), name, address)
}

// SignBy says where and until when a tx can happen.
func SignBy(l Lang, chain, until string) string {
	return fmt.Sprintf(l.pick("on chain %s, until %s", "在链%s上,%s前有效"), chain, until)
}

// TooLateToSign warns that a tx's time has passed.
func TooLateToSign(l Lang) string {
	return l.pick("by the clock here, its time has passed", "按这里的时钟,它已经过期")
}

// SignIt asks before a tx is signed.
func SignIt(l Lang) string { return l.pick("Sign it?", "要签字吗?") }

// WaitingFor says why nothing happens: another command has the account's nonce.
func WaitingFor(l Lang, account string) string {
	return fmt.Sprintf(l.pick("waiting for another command of %s to end", "正在等%s的另一个命令结束"), account)
}
