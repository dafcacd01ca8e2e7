package words

// nodeCodes are those of a node of this machine, and of its peers.
var nodeCodes = []Code{
	{Name: "bad_config", Exits: []int{1},
		What: Phrase{"The node's settings cannot be used: a file was not written whole, has a setting that no one " +
			"reads, or names an address that this machine does not have.",
			"节点的设置不能用:文件没写完整,有不认识的设置,或写了这台机器没有的地址。"},
		Do: Phrase{"The message names file and setting. Put it right; or move config/config.toml away and run " +
			"%s node join as before, which writes it anew and keeps the keys.",
			"提示里写明了文件和设置,请改正;或移走 config/config.toml,再照原样运行 %s node join:" +
				"设置会重写,密钥不变。"}},
	{Name: "bad_hosts", Exits: []int{2},
		What: Phrase{"No network can be made of this list of hosts. The message names the line.",
			"用这份主机列表建不了网络,提示里写明了是哪一行。"},
		Do: Phrase{"Write NAME ADDRESS[:PORT] [RPCPORT], one host a line: %s testnet generate --help",
			"请每行写一台主机:NAME ADDRESS[:PORT] [RPCPORT]。见 %s testnet generate --help"}},
	{Name: "bad_node_home", Exits: []int{1},
		What: Phrase{"The folder holds no whole node: files are missing, damaged, or not a node's. " +
			"Nothing was changed.",
			"这个目录里不是一个完整的节点:文件缺了、坏了,或不是节点的。没有改动任何东西。"},
		Do: Phrase{"Put back config/ from its backup, or name another folder with --home: %s node join --help",
			"请从备份恢复 config/,或用 --home 换个目录:%s node join --help"}},
	{Name: "bad_peer", Exits: []int{2},
		What: Phrase{"That is not a peer.", "这不是节点的地址。"},
		Do: Phrase{"Write ID@HOST:PORT, where ID is 40 hex digits; its operator reads it in %s node status.",
			"请写 ID@HOST:PORT,ID 是40位十六进制;那个节点的运维用 %s node status 查。"}},
	{Name: "bad_plan_file", Exits: []int{2},
		What: Phrase{"The file is not a plan of the validators, or not a newcomer's, or of another chain or plan.",
			"这不是验证人的计划,也不是加入者的文件,或属于另一条链、另一份计划。"},
		Do: Phrase{"Ask for the file again, as a file and not as text in a message: %s validator --help",
			"请重新要一份,作为文件传送,不要粘贴成文字:%s validator --help"}},
	{Name: "no_vote", Exits: []int{2},
		What: Phrase{"This folder's validator is not among those who decide on the plan.",
			"这个目录里的验证人,不在决定这份计划的人之中。"},
		Do: Phrase{"Name the validator's own folder with --node-home; who decides says %s validator list.",
			"请用 --node-home 写验证人自己的目录;由谁决定,见 %s validator list。"}},
	{Name: "upgrade_needed", Exits: []int{1},
		What: Phrase{"The chain's next block obeys rules that this program does not know. The validators agreed on " +
			"them; the node stopped before that block.",
			"链的下一个区块要按新规则执行,而这个程序没有新规则。新规则是验证人商定的;节点在那个区块之前停下了。"},
		Do: Phrase{"Install the newer program, and start the node again: %s node start --home DIR",
			"请安装新版程序,再启动节点:%s node start --home DIR"}},
	{Name: "bad_registration", Exits: []int{2},
		What: Phrase{"The file is not a registration of a ceremony, or a field of it has no meaning.",
			"这不是创世登记,或有内容不对。"},
		Do: Phrase{"Nothing was written. Ask for the file again, as a file and not as text in a " +
			"message: %s genesis register makes it.",
			"没有写任何东西。请重新要一份,作为文件传送,不要粘贴成文字:用 %s genesis register 生成。"}},
	{Name: "registration_other_chain", Exits: []int{2},
		What: Phrase{"The registration was signed for a chain of another name.",
			"这份登记是为另一个名字的链签的。"},
		Do: Phrase{"Agree on one name with the others, and sign again: %s genesis register " +
			"--chain-id NAME",
			"请和其他人约定同一个名字,重新签一份:%s genesis register --chain-id NAME"}},
	{Name: "registration_same_person", Exits: []int{2},
		What: Phrase{"Two registrations are signed by one account: a person would have two validators.",
			"两份登记由同一个账户签名:一个人会有两个验证人。"},
		Do: Phrase{"Leave one of them out of %s genesis assemble.",
			"请在 %s genesis assemble 里去掉其中一份。"}},
	{Name: "registration_signature", Exits: []int{2},
		What: Phrase{"A signature of the registration does not fit: a field was altered, or a key is " +
			"another person's.",
			"登记的签名对不上:内容被改过,或密钥是别人的。"},
		Do: Phrase{"Nothing was written. Ask for the file again, as a file and not as text in a " +
			"message: %s genesis register makes it.",
			"没有写任何东西。请重新要一份,作为文件传送,不要粘贴成文字:用 %s genesis register 生成。"}},
	{Name: "registration_too_large", Exits: []int{2},
		What: Phrase{"The file is larger than any registration.",
			"文件比任何登记都大。"},
		Do: Phrase{"Nothing was written. Ask for the file again, as a file and not as text in a " +
			"message: %s genesis register makes it.",
			"没有写任何东西。请重新要一份,作为文件传送,不要粘贴成文字:用 %s genesis register 生成。"}},
	{Name: "registration_twice", Exits: []int{2},
		What: Phrase{"Two registrations have the same key, name or address.",
			"两份登记的密钥、名字或地址相同。"},
		Do: Phrase{"Leave one out, or have one signed anew: %s genesis register",
			"请去掉一份,或重新签一份:%s genesis register"}},
	{Name: "registration_version", Exits: []int{2},
		What: Phrase{"The registration is of a format that this program does not read.",
			"这份登记的格式,这个程序读不了。"},
		Do: Phrase{"All who take part need the same version: %s version",
			"所有参加的人要用同一个版本:%s version"}},
	{Name: "peer_other_chain", Exits: []int{1},
		What: Phrase{"The peer is a node of another chain than the trust file's, or shows blocks that its " +
			"validators have not signed.",
			"那个节点属于另一条链,不是信任文件里的,或它给的区块没有验证人签名。"},
		Do: Phrase{"Nothing was taken from it. Name another peer, or the trust file of its chain: %s node join " +
			"--help",
			"没有采用它的任何东西。请换一个节点,或用它那条链的信任文件:%s node join --help"}},
	{Name: "peer_other_id", Exits: []int{1},
		What: Phrase{"Another node answers at this address than the id says.",
			"在这个地址应答的节点,编号和写的不同。"},
		Do: Phrase{"Ask its operator again for ID@HOST:PORT; the id is in %s node status.",
			"请向它的运维重新要 ID@HOST:PORT;ID 用 %s node status 查。"}},
	{Name: "peer_unreachable", Exits: []int{6},
		What: Phrase{"The peer does not answer at this address, or not this question.",
			"那个节点在这个地址没有应答,或答不了这个问题。"},
		Do: Phrase{"Check that it runs and listens there (%s node status), and that no firewall closes its port; " +
			"or name another peer.",
			"请确认它在运行,并在那里监听(%s node status),端口没有被防火墙挡住;或换一个节点。"}},
	{Name: "blocks_gone", Exits: []int{2}, Advise: true,
		What: Phrase{"The peers no longer keep the chain's first blocks, with which this node was to begin.",
			"那些节点已不再保存链最初的区块,而这个节点要从那里开始。"},
		Do: Phrase{"Begin with a snapshot: the same command with --snapshot; or name a peer that keeps all blocks " +
			"(keep_blocks = 0).",
			"请从快照开始:同一条命令加 --snapshot;或写一个保存全部区块的节点(keep_blocks = 0)。"}},
	{Name: "no_signer", Exits: []int{1},
		What: Phrase{"The process that has the validator's key does not answer where the node waits for it, or " +
			"signs for another chain.",
			"持有验证人密钥的程序没有来应答,或它是为另一条链签名的。"},
		Do: Phrase{"Start it, then the node: %s node signer --help. The path is priv_validator_laddr in " +
			"config/config.toml.",
			"请先启动它,再启动节点:%s node signer --help。路径是 config/config.toml 的 priv_validator_laddr。"}},
	{Name: "node_port_taken", Exits: []int{1},
		What: Phrase{"Another program has a port that the node needs.", "节点要用的端口被别的程序占了。"},
		Do: Phrase{"The message names setting and port. End the other program, or choose another port in " +
			"config/config.toml; a node's peers have to know a new one of [p2p].",
			"提示里写明了设置和端口。请停掉那个程序,或在 config/config.toml 换一个端口;" +
				"[p2p] 的端口换了,要告诉其他节点。"}},
	{Name: "wrong_genesis", Exits: []int{1},
		What: Phrase{"The genesis is not the one that the trust file names.", "创世文件不是信任文件里的那一份。"},
		Do: Phrase{"One of the two is of another chain, or was altered. Compare genesis_hash of the trust file with " +
			"people who run the chain; nothing was changed.",
			"其中一个属于另一条链,或被改过。请和运行这条链的人核对信任文件里的 genesis_hash;" +
				"没有改动任何东西。"}},
}
