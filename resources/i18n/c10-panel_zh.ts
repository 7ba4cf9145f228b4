<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>AnswerView</name>
    <message>
        <source>The model gave an empty answer</source>
        <translation>模型给出了空回答</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Copy answer</source>
        <translation>复制回答</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
</context>
<context>
    <name>Answering</name>
    <message>
        <source>The model&apos;s worker has ended.</source>
        <translation>模型的工作进程已结束。</translation>
    </message>
</context>
<context>
    <name>BankDialog</name>
    <message>
        <source>Questions</source>
        <translation>问题库</translation>
    </message>
    <message>
        <source>File of questions</source>
        <translation>问题文件</translation>
    </message>
    <message>
        <source>Open file …</source>
        <translation>打开文件…</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search in the questions</source>
        <translation>在问题中搜索</translation>
    </message>
    <message>
        <source>Use this question</source>
        <translation>使用这个问题</translation>
    </message>
    <message>
        <source>Ask the chosen ones side by side</source>
        <translation>并排提问所选问题</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Open a file of questions</source>
        <translation>打开问题文件</translation>
    </message>
    <message>
        <source>Built-in: {0}</source>
        <translation>内置：{0}</translation>
    </message>
    <message>
        <source>No questions yet. Open a text file with one question on each line.</source>
        <translation>还没有问题。请打开每行一个问题的文本文件。</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
</context>
<context>
    <name>BatchDialog</name>
    <message>
        <source>Batch</source>
        <translation>批量</translation>
    </message>
    <message>
        <source>Questions, one on each line</source>
        <translation>问题，每行一个</translation>
    </message>
    <message>
        <source>One question on each line</source>
        <translation>每行一个问题</translation>
    </message>
    <message>
        <source>Ask all</source>
        <translation>全部提问</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>This engine answers {0} questions at a time; more run one group after another.</source>
        <translation>这个引擎一次回答 {0} 个问题；更多的问题会分组依次运行。</translation>
    </message>
    <message>
        <source>This engine answers one question at a time; compile with a larger batch to run several at once.</source>
        <translation>这个引擎一次回答一个问题；以更大的批量编译即可同时运行多个。</translation>
    </message>
    <message>
        <source>Answer questions side by side</source>
        <translation>并排回答多个问题</translation>
    </message>
    <message>
        <source>{0} of at most {1} questions</source>
        <translation>{0} 个问题，最多 {1} 个</translation>
    </message>
</context>
<context>
    <name>BatchView</name>
    <message>
        <source>Batch run</source>
        <translation>批量运行</translation>
    </message>
    <message>
        <source>{0} questions side by side</source>
        <translation>并排 {0} 个问题</translation>
    </message>
</context>
<context>
    <name>CardPanel</name>
    <message>
        <source>C10 card {0}</source>
        <translation>C10 加速卡 {0}</translation>
    </message>
    <message>
        <source>alive</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>not answering</source>
        <translation>无响应</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Simulated: nothing is plugged in, its work runs on the CPU.</source>
        <translation>模拟卡：没有插入真实的卡，其工作由 CPU 完成。</translation>
    </message>
    <message>
        <source>driver node</source>
        <translation>驱动节点</translation>
    </message>
    <message>
        <source>DRAM, used / total</source>
        <translation>显存，已用 / 总量</translation>
    </message>
    <message>
        <source>DRAM</source>
        <translation>显存</translation>
    </message>
    <message>
        <source>Utilisation</source>
        <translation>利用率</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>DRAM limit</source>
        <translation>显存上限</translation>
    </message>
    <message>
        <source>DRAM limit of card {0} in GiB</source>
        <translation>加速卡 {0} 的显存上限（GiB）</translation>
    </message>
    <message>
        <source>Planned / limit</source>
        <translation>计划 / 上限</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>计划</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Exported to {0}.</source>
        <translation>已导出到 {0}。</translation>
    </message>
    <message>
        <source>What can you tell me about the sea?</source>
        <translation>关于大海，你能告诉我什么？</translation>
    </message>
    <message>
        <source>Write a short poem about spring.</source>
        <translation>写一首关于春天的短诗。</translation>
    </message>
    <message>
        <source>Explain how a compiler works.</source>
        <translation>解释编译器是怎样工作的。</translation>
    </message>
    <message>
        <source>List five ideas for a rainy day.</source>
        <translation>列出五个适合雨天做的事。</translation>
    </message>
    <message>
        <source>Choose an engine</source>
        <translation>选择引擎</translation>
    </message>
    <message>
        <source>Reading the question: {0} of {1} tokens</source>
        <translation>正在读取问题：{0} / {1} 个词元</translation>
    </message>
    <message>
        <source>The text so far is kept.</source>
        <translation>已有的文字会保留。</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The model has not answered for {0} s.</source>
        <translation>模型已有 {0} 秒没有响应。</translation>
    </message>
    <message>
        <source>It can be ended and started again; the text so far is kept.</source>
        <translation>可以结束并重新启动；已有的文字会保留。</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>重新启动</translation>
    </message>
    <message>
        <source>The conversation can&apos;t be saved: {0}</source>
        <translation>对话无法保存：{0}</translation>
    </message>
    <message>
        <source>{0} saved conversations are damaged and were set aside, the first as {1}.</source>
        <translation>有 {0} 个已保存的对话损坏并被移开，第一个现在是 {1}。</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>已复制。</translation>
    </message>
    <message>
        <source>The link&apos;s address was copied: {0}</source>
        <translation>已复制链接地址：{0}</translation>
    </message>
    <message>
        <source>Export conversation</source>
        <translation>导出对话</translation>
    </message>
</context>
<context>
    <name>ChatPlaceholder</name>
    <message>
        <source>No engine is loaded</source>
        <translation>未加载引擎</translation>
    </message>
    <message>
        <source>Compile a model or pick an engine that is already there, then ask it something.</source>
        <translation>编译一个模型，或选择已有的引擎，然后开始提问。</translation>
    </message>
    <message>
        <source>Go to Compile</source>
        <translation>前往编译</translation>
    </message>
</context>
<context>
    <name>ChatWords</name>
    <message>
        <source>The limit of new tokens was reached</source>
        <translation>已达到新词元上限</translation>
    </message>
    <message>
        <source>The context is full</source>
        <translation>上下文已满</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Broken off</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>{0} tok/s</source>
        <translation>{0} 词元/秒</translation>
    </message>
    <message>
        <source>{0} tokens</source>
        <translation>{0} 个词元</translation>
    </message>
    <message>
        <source>first after {0}</source>
        <translation>首个用时 {0}</translation>
    </message>
    <message>
        <source>prefill {0}</source>
        <translation>预填充 {0}</translation>
    </message>
    <message>
        <source>decode {0}</source>
        <translation>解码 {0}</translation>
    </message>
</context>
<context>
    <name>Checks</name>
    <message>
        <source>Driver nodes</source>
        <translation>驱动节点</translation>
    </message>
    <message>
        <source>Being looked for …</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>The driver has made {0}.</source>
        <translation>驱动已创建 {0}。</translation>
    </message>
    <message>
        <source>There is no /dev/gp*: no driver or no card. The CPU computes.</source>
        <translation>没有 /dev/gp*：缺少驱动或加速卡。由 CPU 计算。</translation>
    </message>
    <message>
        <source>What was looked for</source>
        <translation>查找了什么</translation>
    </message>
    <message>
        <source>SDK</source>
        <translation>SDK</translation>
    </message>
    <message>
        <source>Found: {0}</source>
        <translation>已找到：{0}</translation>
    </message>
    <message>
        <source>A card is there, but neither hxrt nor libhxinfer.so. Install the SDK.</source>
        <translation>有加速卡，但找不到 hxrt 和 libhxinfer.so。请安装 SDK。</translation>
    </message>
    <message>
        <source>Neither hxrt nor libhxinfer.so was found; only cards need them.</source>
        <translation>未找到 hxrt 和 libhxinfer.so；只有使用加速卡才需要它们。</translation>
    </message>
    <message>
        <source>Cards</source>
        <translation>加速卡</translation>
    </message>
    <message>
        <source>Open Devices</source>
        <translation>打开设备页</translation>
    </message>
    <message>
        <source>C10 cards: {0}</source>
        <translation>C10 加速卡：{0} 张</translation>
    </message>
    <message>
        <source>Simulated cards: {0}; their work runs on the CPU.</source>
        <translation>模拟卡：{0} 张；其工作由 CPU 完成。</translation>
    </message>
    <message>
        <source>No card; the CPU computes.</source>
        <translation>没有加速卡，由 CPU 计算。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>{0} of {1} are free.</source>
        <translation>共 {1}，可用 {0}。</translation>
    </message>
    <message>
        <source>Close other programs, or choose a smaller engine.</source>
        <translation>请关闭其他程序，或选择更小的引擎。</translation>
    </message>
    <message>
        <source>Choose an engine</source>
        <translation>选择引擎</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Loaded: {0}</source>
        <translation>已加载：{0}</translation>
    </message>
    <message>
        <source>Being loaded …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>重新加载</translation>
    </message>
    <message>
        <source>No engine is loaded.</source>
        <translation>未加载引擎。</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>Known once an engine is loaded.</source>
        <translation>加载引擎后可知。</translation>
    </message>
    <message>
        <source>The engine holds no tokenizer, so it can&apos;t read text.</source>
        <translation>引擎不含分词器，无法读取文本。</translation>
    </message>
    <message>
        <source>Disk space</source>
        <translation>磁盘空间</translation>
    </message>
    <message>
        <source>{0} are free in {1}.</source>
        <translation>{1} 中可用空间 {0}。</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Delete engines that aren&apos;t needed any more.</source>
        <translation>请删除不再需要的引擎。</translation>
    </message>
    <message>
        <source>One-token test</source>
        <translation>单词元测试</translation>
    </message>
    <message>
        <source>Run the test</source>
        <translation>运行测试</translation>
    </message>
    <message>
        <source>Possible once an engine is loaded.</source>
        <translation>加载引擎后可运行。</translation>
    </message>
    <message>
        <source>Not run since the engine was loaded.</source>
        <translation>加载引擎后尚未运行。</translation>
    </message>
    <message>
        <source>Running …</source>
        <translation>正在运行…</translation>
    </message>
    <message>
        <source>The engine answered after {0} ms.</source>
        <translation>引擎在 {0} 毫秒后作答。</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Code, {0}</source>
        <translation>代码，{0}</translation>
    </message>
</context>
<context>
    <name>CompilePlaceholder</name>
    <message>
        <source>No engines yet</source>
        <translation>还没有引擎</translation>
    </message>
    <message>
        <source>Engines are compiled from an ONNX model: choose the model, the shape and the precision.</source>
        <translation>引擎由 ONNX 模型编译而成：选择模型、形状和精度。</translation>
    </message>
</context>
<context>
    <name>CompileWords</name>
    <message>
        <source>Built-in demo model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Convert the demo model to ONNX</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recognise the model and check every layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build the prefill part (base)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build the decode part (incremental)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quantise and write the weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combine both parts in one file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Self-test: answer with one token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} passes done, how many there are isn&apos;t known beforehand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} layers done, how many there are isn&apos;t known beforehand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} passes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} of {1} layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: skipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished after {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} min {1} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} h {1} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {0} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not quantised</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>int8 weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>int4 weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As exact as the original. For comparisons.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>int8 weights, everything else exact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>int4 weights, everything else exact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Practically the original&apos;s answers, half the size of fp32.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The vendor&apos;s default: hardly any loss.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest and fastest, with a small loss.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ChatGLM2 rounds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>complete engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>prefill part (base)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>decode part (incremental)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fits in memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fits after closing other programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Larger than the memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fits on {0} C10 (simulated)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too large for {0} C10 (simulated)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fits on {0} C10</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too large for {0} C10</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Your question</source>
        <translation>你的问题</translation>
    </message>
    <message>
        <source>Ask something … Enter sends, Shift+Enter starts a new line</source>
        <translation>请输入问题…… Enter 发送，Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>End the answer now (Escape)</source>
        <translation>立即结束回答（Esc）</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>问题库</translation>
    </message>
    <message>
        <source>Pick a question from a file</source>
        <translation>从文件中选择问题</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批量</translation>
    </message>
    <message>
        <source>Answer several questions side by side</source>
        <translation>并排回答多个问题</translation>
    </message>
    <message>
        <source>Expert</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Sampling, length and seed</source>
        <translation>采样、长度和随机种子</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>System prompt and sampling under one name</source>
        <translation>以一个名称保存系统提示词和采样设置</translation>
    </message>
</context>
<context>
    <name>Core</name>
    <message>
        <source>A conversation must end with a user&apos;s turn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A prefill round takes 1 to {0} tokens, not {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A question is given as token ids, as text or as a conversation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A rotary dim of {0} doesn&apos;t fit a head of {1} features.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A token id lies outside 0 to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A value can&apos;t be written as JSON: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A weight refers to the file {0}, which does not lie inside the model&apos;s folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a question.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After {0} layers (from the output back) the residual stream is {1}, neither another layer nor an embedding lookup.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Allow {0} on each card, or use more cards.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An engine can&apos;t have {0} sections; {1} is the most.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apache TVM isn&apos;t installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask a shorter question, or compile with a larger --total-len.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask with --raw, which uses the text as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Both parts have the role {0}: {1} and {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change or drop a turn.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change the value.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check --input-ids, or whether the tokenizer belongs to this model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the disk.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the folder and the disk.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the model&apos;s weights, or compile with another precision.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the network and the addresses, then start again: what arrived is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the path; the folder must exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the permissions, or choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the engine was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose 1 for a single chat or up to 8 for side-by-side answers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a UTF-8 text file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder that can be written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a question file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a shorter --total-len or a smaller batch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a shorter name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a shorter text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a smaller --window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an .ngf file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another --question-index.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another file name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another folder, or remove it first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another name for the output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the model file yourself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close other programs, or choose a smaller setting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combine it with its {0} part first: combine --ngf-1 ... --ngf-2 ... --output ...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combine the two files that one compile job wrote (NAME.ngf and NAME_inc.ngf).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compile the model again with this program.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compile the model again, or use the program that made the file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compile with --target cpu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compiling for the C10 card needs the vendor&apos;s SDK, which this version can&apos;t drive yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy it again in binary mode.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy or compile it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy or download it again; the copy probably broke off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copying the engine was stopped; nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export a ChatGLM2-style model as one full-sequence graph (input_ids, position_ids, attention_mask in, logits out).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export a ChatGLM2-style model without extra parts.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export it in one type throughout: with float32 weights, or with another exporter version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export it with a batch of one or a free one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export it with dense weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export it with float32, float16 or bfloat16 weights; compiling quantises them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the model again, or copy it again if it was copied.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the model again, with all of its weight files in one folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the model again, with other exporter settings or another version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the model as one full-sequence graph: input_ids, position_ids and attention_mask in, logits out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the model with float32, float16 or bfloat16 weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch it again, or from another host.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch the model&apos;s files again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space, or choose a folder on another disk.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a longer text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give at least one question.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give at least one token.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give at least one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give exactly one of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give it in UTF-8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give one with --tokenizer, or ask with --input-ids.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give the model&apos;s own with --tokenizer, or ask with --input-ids.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give the whole address of the archive.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the program again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It can be used as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ended {0} times in {1} minutes, so it isn&apos;t started again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It fits with a static batch size of 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It fits with a total length of {0} tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It fits with int4 weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It fits with int8 weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It was changed or damaged on the way and has been removed; try another host.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer {0} has {1} of {2} query/key/value biases, unlike layer 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out --combine, or set --ngf true.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load an engine first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load one first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory ran out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No address to download from was given.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No engine is loaded.</source>
        <translation>未加载引擎。</translation>
    </message>
    <message>
        <source>None of {0} hosts gave the whole file ({1} bytes arrived): {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Norm eps {0} or rope theta {1} is out of range.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only .ngf engines can be combined.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only graphs that onnxruntime can run are supported; export the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only interleaved rotary embeddings over the first features of each head are supported, as ChatGLM2 has them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pick the model&apos;s .onnx file, or copy it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pick the model&apos;s .onnx file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Position {0} lies outside the context of {1} tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put it beside the ONNX file, under the name that it had when it was exported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raise --total-len (8192, for instance) or lower --pre-len.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raise it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace it with a copy of its own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace the link with the file itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Row {0} doesn&apos;t exist in an engine of static batch size {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save it as UTF-8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the model with its weights as external data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shorten the prompt, or compile with a larger --total-len.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something unexpected went wrong ({0}: {1}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a new conversation, or compile with a larger --total-len.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again to go on from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again; the archive is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again; the log has the line.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the job again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the program again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the program through packaging/c10-panel, which does it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The RMS norms differ: {0} has eps {1}, the final norm {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The archive {0} {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The base length is {0}, but the engine takes 1 to {1} tokens a round.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The compile job was cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The compile request is incomplete or has a wrong field.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The constant {0} does not hold the {1} bytes of its shape.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The constant {0} has ONNX type {1}, which is not supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The constant {0} has the impossible shape {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The demo&apos;s model, the package {0}, isn&apos;t installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk is full: {0} couldn&apos;t be {1}{2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk reported an error; check it, or choose another one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The download was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The embedding is not looked up with the token ids.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine config&apos;s {0} is {1}, not one of {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has no section {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has no sections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has no tokenizer, so it can&apos;t be asked in words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has no tokenizer, so no text can be measured.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has two sections called {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine header claims {0} bytes, outside 2 to {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine header has {0} bytes, more than the {1} that are allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine header is not in the canonical form.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The export is broken or overflowed; export the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The export name {0} can&apos;t be part of a file name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file begins with {0}, not with this program&apos;s magic: it is probably the vendor&apos;s engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file ends after {0} bytes, within its first {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file ends after {0} bytes, within its header of {1} bytes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file ends after {0} bytes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file has flags {0}, but this program knows none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file has format version {0}, but this program reads version {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file has {0} bytes, but its header describes {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file system or a limit of this session doesn&apos;t allow files this large.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file that arrived has the SHA-256 {0}, not {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file was damaged by a transfer in text mode.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file was made by another version; compile it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file {0} can&apos;t be opened: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file {0} can&apos;t be read: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first rotary frequency is {0} radians a position, not 1: it is scaled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph has an input {0} that is unknown here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph has no input for token ids (input_ids).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph has no output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph is fixed to {0} tokens, more than the {1} that are supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph is invalid: the {0} node {1} mixes {2}, which no ONNX runtime accepts.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph looks like ChatGLM2, but computes something else; check how it was exported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The graph takes a KV cache (input {0}): it is not a full-sequence graph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The header&apos;s digest doesn&apos;t match: the file is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The input {0} does not hold integers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The input {0} has the shape {1}, not [1, sequence].</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The job was cancelled; nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The log has the details.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model holds sparse weights, which are not supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model isn&apos;t running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model spec&apos;s max_positions is {0}, outside 0 to {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model spec&apos;s source_dtype {0} is unknown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model spec&apos;s {0} is {1}, outside 1 to {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s chat template can&apos;t be rendered: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s chat template refuses this conversation: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s local functions can&apos;t be inlined: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s weights are quantised already (the graph has a {0} node).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The numbers of {0} differ from a ChatGLM2-style model&apos;s: {1} is off by {2}, the limit is {3}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output is not a linear layer with a stored weight, so it is no language model&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output layer has a bias, which is not supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {0} is one of the two parts.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The package {0} {1} has no .gguf file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The parts of the weight {0} have different widths.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The perplexity measurement was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pre length ({0}) must be smaller than the total length ({1}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pre length is {0}, but it must be at least 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The prompt has {0} tokens, but the engine&apos;s context holds {1} and needs one free.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The prompt is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The queries are changed at position 0, where a rotary embedding changes nothing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The queries are not rotated as expected: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The queries vanish on their way to the attention scores.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The question has bytes that are no text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The question index is {0}, but there are {1} questions (0 to {2}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary embedding does not turn neighbouring features: it is not interleaved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary embedding turns some pairs the other way round or not at all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary embedding turns the other way round.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary embedding turns {0} features only, too few to tell its theta.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary frequencies are not the powers of one theta (about {0}): they are scaled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The section {0} begins at byte {1} instead of {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The section {0} gets {1} bytes more than planned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The section {0} lacks {1} bytes of those planned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The section {0} was not planned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The self-test of the new engine gave numbers that are not finite.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The size of an attention head can&apos;t be read off the graph (queries of shape {0}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The static batch size is {0}, but it must lie between 1 and {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tensor {0} depends on the weight {1} ({2} bytes) in a place where the model family has none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tensor {0} would have {1} elements.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text has {0} tokens, but two are needed at least.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text {0} can&apos;t be read: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tokenizer knows {0} tokens, but the model has only {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tokenizer {0} can&apos;t be read: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tokenizer.json can&apos;t be read: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tokenizer.model is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tokenizer.model is no sentencepiece model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The total length is {0}, but it must lie between 2 and {1} tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The two parts differ in {0}: {1} and {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} can&apos;t be opened: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} can&apos;t be read: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} is a hard link that {1} names share, so it may lie outside the model&apos;s folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} is cut short: {1} bytes are needed, it has {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} is missing: {1} bytes are needed, 0 found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} is not a regular file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight file {0} is reached through a symbolic link, which may lead out of the folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} (stored as {1}) has {2} values that are NaN or infinite, the first in row {3}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} has ONNX type {1}, not float32, float16 or bfloat16.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} has the {1} {2} in its external data, which is not a possible number of bytes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} has two entries {1} for its external data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The limits of the cards allow {0} in all, and {1} of {2} parts of the model with {3} ({4} bytes) find no place.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} has {1} bytes of external data, but its shape needs {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} is stored as {1} {2}, not as {3} {4}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {0} should have the shape {1}, but the graph has {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights digest doesn&apos;t match the weight sections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window is {0} tokens, but it must lie between 2 and the engine&apos;s context of {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker can&apos;t be started: {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker gave no answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker process crashed with signal {0} ({1}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker process ended unexpectedly with exit code {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker process has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker process was killed (signal 9), probably because memory ran out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker process {0}, so it was ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker sent a line that is no event.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker sent a {0} event that lacks a field.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker sent a {0} event with unknown fields.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker was sent {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} digest is not 64 lower-case hex digits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has a name that isn&apos;t allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has a string with half a surrogate pair.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has more than the {1} values that are allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has the dtype {1}, which this program doesn&apos;t know.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has the integer {1}..., beyond 63 bits.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has the key {1} twice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has the number {1}, which is too large.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has the unknown field {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has {1} bytes, but its dtype and shape ask for {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has {1} bytes, more than the {2} that are allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has {1} characters, more than the {2} that are allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has {1} entries, more than the {2} that are allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} has {1}, which is not JSON.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is nested more than {1} levels deep.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is no weight but has a dtype or a shape.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is not a JSON list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is not a JSON object.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is not valid JSON at character {1}: {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is not valid JSON: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is not valid UTF-8 at byte {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, but it must be {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, not one of {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, outside {2} to {3}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, which is neither true nor false.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not a number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not a string.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not an integer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} lacks or doesn&apos;t know the field {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0} lacks the field {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {0}&apos;s {1} is {2}, which is not a {3}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is neither a {0} nor a {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no RMS norm right before the output layer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no card to place layers on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no decoder layer before the final norm.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no file {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no prompt.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This engine was compiled for a processor with {0}; its code was compiled again for this one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Token {0} is outside the model&apos;s vocabulary of {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again; the log has its last lines.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unpacking was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use --base-length {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use --question-from 2 for one question a line.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use it with the c10 target; the CPU needs an engine compiled for it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use letters, digits, &apos;-&apos; and &apos;_&apos;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the CPU, or look at Devices for what is missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the model&apos;s own tokenizer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the tokenizer that came with this model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for it to end.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} ({1} bytes) are needed in {2}, but only {3} ({4} bytes) are free.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} adds its attention result to another tensor than the one that it normalised.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} adds its feed-forward result to another tensor than the one that it normalised.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} can&apos;t be read: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} can&apos;t be {1}: {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} ends at byte {1}, {2} bytes too early.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} exists already and is not an empty folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has a bias in its {1}, which is not supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has changed its size since it was opened.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has data in the padding at byte {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has neither a {1} nor a {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no RMS norm before its gate and up projections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no RMS norm before its query, key and value projections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no activation between its up and down projections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no attention (no softmax over products of queries and keys).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no attention whose result is added to the residual stream.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no gated feed-forward part (gate, up, down).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no list of texts called &quot;question&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no question.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has no section {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has the activation {1} where SiLU is expected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has {1} bytes, but an ONNX file can&apos;t be larger than {2}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} has {1} nodes, more than the {2} that are supported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} heads can&apos;t be shared by {1} key/value groups.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} holds a malformed graph ({1}: {2}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} holds {1} files named model.onnx, not one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is a combined (multi) engine already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is a folder, so no file can be written there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is being fetched by another process.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is closed already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is larger than {1} GiB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is larger than {1} MiB, so it is no tokenizer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is larger than {1} MiB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is larger than {1} bytes, which no tokenizer needs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not UTF-8 text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not a file name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not a regular file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not an ONNX model, or it is cut short: its {1} bytes can&apos;t be parsed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not an ONNX model: it holds no graph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not an http or https address.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is not valid JSON: {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} is only the {1} part of an engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} needs {1} of memory ({2} bytes), but {3} ({4} bytes) are {5}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} query features and {1} key features are no whole heads of {2} features.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} tokens don&apos;t fit the context of {1}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: its queries, keys and values don&apos;t come from one projection each.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: only two of its query, key and value projections are fused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: the digest of the section {1} doesn&apos;t match: the file is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0}: the section {1} is a {2}, not a weight.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CpuPanel</name>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>active</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>standby</source>
        <translation>待命</translation>
    </message>
    <message>
        <source>alive</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>not answering</source>
        <translation>无响应</translation>
    </message>
    <message>
        <source>Memory, used / total</source>
        <translation>内存，已用 / 总量</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>on {0} cores</source>
        <translation>{0} 个核心</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>{0} instruction sets</source>
        <translation>{0} 个指令集</translation>
    </message>
</context>
<context>
    <name>DevicesPage</name>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>What computes here, how much memory it may use, and which card holds which layers.</source>
        <translation>由什么设备计算、可用多少内存、哪张卡存放哪些层。</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>No C10 card was found; the CPU computes.</source>
        <translation>未找到 C10 加速卡，由 CPU 计算。</translation>
    </message>
    <message>
        <source>Below is what was looked for, and where.</source>
        <translation>下方列出了查找的内容和位置。</translation>
    </message>
</context>
<context>
    <name>ErrorDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>出错了</translation>
    </message>
    <message>
        <source>Open log</source>
        <translation>打开日志</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>ExpertPanel</name>
    <message>
        <source>Expert settings</source>
        <translation>专家设置</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Draw the next token at random by its probability instead of the likeliest</source>
        <translation>按概率随机抽取下一个词元，而不是取最可能的</translation>
    </message>
    <message>
        <source>Constant output</source>
        <translation>持续输出</translation>
    </message>
    <message>
        <source>Go on after the model&apos;s end, until the limit of new tokens</source>
        <translation>模型结束后仍继续，直到新词元上限</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Higher is more surprising; 0 takes the likeliest token</source>
        <translation>越高越出人意料；0 取最可能的词元</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Keep the likeliest tokens that together reach this probability</source>
        <translation>保留累计概率达到该值的最可能的词元</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Keep this many of the likeliest tokens</source>
        <translation>保留这么多个最可能的词元</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>Above 1 makes repeating less likely</source>
        <translation>大于 1 时不易重复</translation>
    </message>
    <message>
        <source>Most new tokens</source>
        <translation>新词元上限</translation>
    </message>
    <message>
        <source>The answer ends after this many tokens</source>
        <translation>回答达到这么多词元 后结束</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>The same seed gives the same answer</source>
        <translation>相同的种子得到相同的回答</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>What the model should know or how it should behave, before the first question</source>
        <translation>第一个问题之前，模型应该知道什么或如何表现</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>随机</translation>
    </message>
</context>
<context>
    <name>GraphPanel</name>
    <message>
        <source>Go on drawing</source>
        <translation>继续绘制</translation>
    </message>
    <message>
        <source>Pause the graph</source>
        <translation>暂停图表</translation>
    </message>
    <message>
        <source>Live figures</source>
        <translation>实时数据</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>各次回答</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Graph</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Export the graph</source>
        <translation>导出图表</translation>
    </message>
    <message>
        <source>Picture (PNG) …</source>
        <translation>图片（PNG）…</translation>
    </message>
    <message>
        <source>Table (CSV) …</source>
        <translation>表格（CSV）…</translation>
    </message>
    <message>
        <source>Decode speed</source>
        <translation>解码速度</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>首个词元用时</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>新词元</translation>
    </message>
    <message>
        <source>Prefill</source>
        <translation>预填充</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Where the time went</source>
        <translation>时间分布</translation>
    </message>
    <message>
        <source>Context (KV cache)</source>
        <translation>上下文（KV 缓存）</translation>
    </message>
    <message>
        <source>When it is full, the answer ends. Begin a new conversation, or compile with a larger total length.</source>
        <translation>满了之后回答会结束。请开始新对话，或以更大的总长度编译。</translation>
    </message>
    <message>
        <source>Memory of the worker</source>
        <translation>工作进程内存</translation>
    </message>
    <message>
        <source>Compare runs</source>
        <translation>比较各次运行</translation>
    </message>
    <message>
        <source>Answer {0}: prefill {1}, decode {2}</source>
        <translation>回答 {0}：预填充 {1}，解码 {2}</translation>
    </message>
    <message>
        <source>After {0} s: {1}</source>
        <translation>{0} 秒后：{1}</translation>
    </message>
    <message>
        <source>time since the question</source>
        <translation>提问后的时间</translation>
    </message>
    <message>
        <source>s</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>词元/秒</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>number</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>prefill + decode</source>
        <translation>预填充 + 解码</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>worker</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>{0} of {1} tokens</source>
        <translation>{0} / {1} 个词元</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Earlier conversations</source>
        <translation>以前的对话</translation>
    </message>
    <message>
        <source>Live figures and graphs</source>
        <translation>实时数据和图表</translation>
    </message>
    <message>
        <source>Export conversation</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Keep or don&apos;t keep</source>
        <translation>保存或不保存</translation>
    </message>
    <message>
        <source>Markdown …</source>
        <translation>Markdown…</translation>
    </message>
    <message>
        <source>JSON …</source>
        <translation>JSON…</translation>
    </message>
    <message>
        <source>Keep this conversation</source>
        <translation>保存这个对话</translation>
    </message>
    <message>
        <source>Keep new conversations</source>
        <translation>保存新的对话</translation>
    </message>
    <message>
        <source>Not kept</source>
        <translation>不保存</translation>
    </message>
</context>
<context>
    <name>HealthPage</name>
    <message>
        <source>Health</source>
        <translation>健康</translation>
    </message>
    <message>
        <source>What answering needs. Every red light has a button that helps.</source>
        <translation>作答所需的条件。每个红灯旁都有可以解决问题的按钮。</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>重新检查</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>A ZIP with logs and versions, without any conversation</source>
        <translation>包含日志和版本信息的 ZIP，不含任何对话</translation>
    </message>
    <message>
        <source>To be done before answering works: {0}</source>
        <translation>作答前需要处理：{0} 项</translation>
    </message>
    <message>
        <source>Being checked …</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Everything that is needed is there</source>
        <translation>所需的一切都已就绪</translation>
    </message>
    <message>
        <source>ZIP archives (*.zip)</source>
        <translation>ZIP 压缩包 (*.zip)</translation>
    </message>
    <message>
        <source>The report is saved as {0}.</source>
        <translation>报告已保存为 {0}。</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search in conversations</source>
        <translation>在对话中搜索</translation>
    </message>
    <message>
        <source>Earlier conversations</source>
        <translation>以前的对话</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete the chosen conversation</source>
        <translation>删除所选对话</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>No earlier conversations yet</source>
        <translation>还没有以前的对话</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>The settings were damaged, so the defaults are used. The old file is kept as {0}.</source>
        <translation>设置文件已损坏，现使用默认设置。旧文件保留为 {0}。</translation>
    </message>
    <message>
        <source>The settings in {0} are from a newer version, so nothing is saved in this session.</source>
        <translation>{0} 中的设置来自更新的版本，本次不会保存任何设置。</translation>
    </message>
    <message>
        <source>The settings can&apos;t be saved to {0}, so changes last only until the window closes.</source>
        <translation>设置无法保存到 {0}，更改仅在窗口关闭前有效。</translation>
    </message>
    <message>
        <source>C10 Panel</source>
        <translation>C10 控制台</translation>
    </message>
</context>
<context>
    <name>ModelStep</name>
    <message>
        <source>Choose an ONNX model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ONNX models (*.onnx)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished">停止</translation>
    </message>
</context>
<context>
    <name>NameDialog</name>
    <message>
        <source>Save as preset</source>
        <translation>保存为预设</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>预设名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The system prompt and the expert settings are kept under this name.</source>
        <translation>系统提示词和专家设置会以这个名称保存。</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Compile</source>
        <translation>编译</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>健康</translation>
    </message>
</context>
<context>
    <name>PlanPanel</name>
    <message>
        <source>Layers over the cards</source>
        <translation>各层在卡上的分布</translation>
    </message>
    <message>
        <source>Greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>Fills a card up to its limit, then goes on to the next.</source>
        <translation>先把一张卡填到上限，再用下一张。</translation>
    </message>
    <message>
        <source>Equal</source>
        <translation>均分</translation>
    </message>
    <message>
        <source>Gives every card the same number of bytes, in whole layers.</source>
        <translation>以整层为单位，让每张卡的字节数相同。</translation>
    </message>
    <message>
        <source>Loose</source>
        <translation>宽松</translation>
    </message>
    <message>
        <source>Shares in proportion to the limits: each card keeps the same part free.</source>
        <translation>按上限比例分配：每张卡保留相同比例的余量。</translation>
    </message>
    <message>
        <source>Example: ChatGLM2-6B (no engine is loaded)</source>
        <translation>示例：ChatGLM2-6B（未加载引擎）</translation>
    </message>
    <message>
        <source>{0} · {1} layers · {2} weights · {3} tokens of context</source>
        <translation>{0} · {1} 层 · {2} 权重 · 上下文 {3} 词元</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>Workspace</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>Card {0}</source>
        <translation>加速卡 {0}</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>词嵌入</translation>
    </message>
    <message>
        <source>layers {0}–{1}</source>
        <translation>第 {0}–{1} 层</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>空</translation>
    </message>
</context>
<context>
    <name>PresetBox</name>
    <message>
        <source>No preset</source>
        <translation>无预设</translation>
    </message>
    <message>
        <source>Save as preset …</source>
        <translation>保存为预设…</translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translation>删除这个预设</translation>
    </message>
</context>
<context>
    <name>QuestionView</name>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Edit the question</source>
        <translation>编辑问题</translation>
    </message>
    <message>
        <source>Copy question</source>
        <translation>复制问题</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>编辑并重新提问</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>重新提问</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>{0} (Ctrl+{1})</source>
        <translation>{0}（Ctrl+{1}）</translation>
    </message>
</context>
<context>
    <name>RowCard</name>
    <message>
        <source>Complete</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Row {0}</source>
        <translation>第 {0} 行</translation>
    </message>
    <message>
        <source>Copy answer</source>
        <translation>复制回答</translation>
    </message>
</context>
<context>
    <name>RunsDialog</name>
    <message>
        <source>Compare runs</source>
        <translation>比较各次运行</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行记录</translation>
    </message>
    <message>
        <source>No answers yet. Each one adds a line here: figures only, no text.</source>
        <translation>还没有回答。每次回答会在这里添加一行：只有数据，没有文字。</translation>
    </message>
    <message>
        <source>Export CSV …</source>
        <translation>导出 CSV…</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清空</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>RunsModel</name>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Decode (tok/s)</source>
        <translation>解码（tok/s）</translation>
    </message>
    <message>
        <source>Prefill (tok/s)</source>
        <translation>预填充（tok/s）</translation>
    </message>
    <message>
        <source>First token (ms)</source>
        <translation>首个词元（毫秒）</translation>
    </message>
    <message>
        <source>Tokens (in + out)</source>
        <translation>词元（输入 + 输出）</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
</context>
<context>
    <name>ShapeStep</name>
    <message>
        <source>These numbers are fixed in the engine. The five cards are the vendor&apos;s examples; below is room for others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Long questions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Eight at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Long documents</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Very long chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The default: one question at a time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prompts of up to 1,024 tokens are read in one round.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answers eight questions side by side.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reads up to 2,048 tokens in one round, remembers 8,192.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remembers 32,768 tokens; needs a large KV cache.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch {0} · total {1} · pre {2}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch and lengths</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Static batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Total length (tokens)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pre length (tokens)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Questions that are answered together, 1 to {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Question and answer together: places in the KV cache.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Prompt tokens that are read in one round; less than the total length, so at most {0}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation type="unfinished">KV 缓存</translation>
    </message>
    <message>
        <source>{0} × {1} tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rotary table is extended to {0} tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model was traced for {0}; positions beyond that are computed by the same formula.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Strip</name>
    <message>
        <source>Loading {0} …</source>
        <translation>正在加载 {0}…</translation>
    </message>
    <message>
        <source>No engine loaded</source>
        <translation>未加载引擎</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Text size (Ctrl + and Ctrl -)</source>
        <translation>文字大小（Ctrl + 和 Ctrl -）</translation>
    </message>
    <message>
        <source>Colours: light, dark or the system&apos;s</source>
        <translation>颜色：浅色、深色或跟随系统</translation>
    </message>
    <message>
        <source>Full screen (F11)</source>
        <translation>全屏（F11）</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>C10 ×{0} simulated</source>
        <translation>C10 ×{0} 模拟</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>{0} tok/s</source>
        <translation>{0} 词元/秒</translation>
    </message>
</context>
<context>
    <name>ThreadView</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Jump to the end</source>
        <translation>跳到末尾</translation>
    </message>
    <message>
        <source>Show earlier messages</source>
        <translation>显示更早的消息</translation>
    </message>
</context>
<context>
    <name>Values</name>
    <message>
        <source>N/A</source>
        <translation>N/A</translation>
    </message>
</context>
<context>
    <name>Versions</name>
    <message>
        <source>Previous version</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一个版本</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>What would you like to ask?</source>
        <translation>想问点什么？</translation>
    </message>
    <message>
        <source>Opening the engine …</source>
        <translation>正在打开引擎…</translation>
    </message>
    <message>
        <source>This engine has no tokenizer</source>
        <translation>这个引擎没有分词器</translation>
    </message>
    <message>
        <source>An engine is needed first. The demo model is included and is ready in a few minutes.</source>
        <translation>首先需要一个引擎。内置的演示模型几分钟即可就绪。</translation>
    </message>
    <message>
        <source>It can&apos;t be asked in words. Compile it again from a folder that has the tokenizer&apos;s files.</source>
        <translation>无法用文字向它提问。请从带有分词器文件的文件夹重新编译。</translation>
    </message>
    <message>
        <source>{0} is loaded. Type below, or begin with one of these.</source>
        <translation>已加载 {0}。请在下方输入，或从这些问题开始。</translation>
    </message>
    <message>
        <source>Try with the built-in demo model</source>
        <translation>用内置演示模型试试</translation>
    </message>
    <message>
        <source>Choose an engine</source>
        <translation>选择引擎</translation>
    </message>
</context>
<context>
    <name>_BusyCard</name>
    <message>
        <source>Looking into the model …</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_DropCard</name>
    <message>
        <source>Drop an ONNX model here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The full-sequence graph, such as model.onnx of chatglm2-6b-onnx, with its weight files beside it. Nothing outside its folder is read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_FoundCard</name>
    <message>
        <source>Recognised: a ChatGLM2-style model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>FFN {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention heads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{0} key/value groups of {1}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights</source>
        <translation type="unfinished">权重</translation>
    </message>
    <message>
        <source>Traced length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rotary dim {0}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation type="unfinished">分词器</translation>
    </message>
    <message>
        <source>The structure fits. The first step of the run computes every layer and compares the numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no tokenizer beside the model, so the engine can&apos;t be asked in words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put tokenizer.model or tokenizer.json into the model&apos;s folder and pick it again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_LookedPanel</name>
    <message>
        <source>What was looked for</source>
        <translation>查找了什么</translation>
    </message>
    <message>
        <source>Driver nodes</source>
        <translation>驱动节点</translation>
    </message>
    <message>
        <source>SDK module</source>
        <translation>SDK 模块</translation>
    </message>
    <message>
        <source>SDK library</source>
        <translation>SDK 库</translation>
    </message>
    <message>
        <source>Card monitor</source>
        <translation>加速卡监视工具</translation>
    </message>
    <message>
        <source>found: {0}</source>
        <translation>已找到：{0}</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
</context>
</TS>
