// Package journal finds the damage that a LevelDB passes over when it opens.
//
// # What goes wrong
//
// LevelDB writes every batch to a journal first, and reads the journal back
// when it opens. Say that it holds the batches of blocks 1 to 9, and a bit of
// block 4's has flipped on the disk. goleveldb skips the part of 32 kB around
// it, takes up the batches that follow, moves them to a table and deletes the
// journal. The database says that block 9 is its newest, blocks 4 to 6 are
// missing, and no trace of it is left.
//
// Its option StrictJournal is no cure: that refuses a torn tail too, the batch
// that was half written when the power went, which is no damage. What came
// before it is whole, and the rest comes back from the blocks.
//
// # What is promised
//
// [Check] reads what goleveldb would read, by goleveldb's own reader, before
// anything is changed, and holds it to one rule: the database opens with the
// first batches that were written to it, none left out, or it does not open.
// Two things show that a batch is left out:
//
//   - the reader drops a part, and takes up a batch after it;
//   - a batch does not begin with the sequence number at which the one before
//     it ended. LevelDB counts its writes, and the manifest holds the count at
//     which the journals begin, so that a lost journal or manifest edit shows
//     as well.
//
// Tables need no such check: each block of a table has a checksum, and damage
// there is an error when the block is read.
//
// A power cut can break the rule without damage in one place: LevelDB changes
// journals without syncing the old one, so that writes that were not synced
// can be lost at its end while the new one is there. That is a hole all the
// same, though one that takes a power cut within a fraction of a second after
// a change of journals, which comes every 4 MB.
package journal
