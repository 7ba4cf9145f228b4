<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>AnswerCard</name>
    <message>
        <source>Reading the question …</source>
        <translation>正在阅读问题 …</translation>
    </message>
</context>
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
    <name>CacheChoice</name>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>{0} as usual with these weights · {1}</source>
        <translation>{0}（此类权重的默认值）· {1}</translation>
    </message>
    <message>
        <source>Keys and values of {0} tokens. int8 takes about half the memory of float16 and is faster after a long context; the answers change a little.</source>
        <translation>{0} 个 token 的键和值。int8 占用的内存约为 float16 的一半，长上下文之后更快；回答会略有不同。</translation>
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
        <source>DRAM, held / limit</source>
        <translation>显存，已占用 / 上限</translation>
    </message>
    <message>
        <source>{0} passes, computed for {1} s, handed over in {2} s</source>
        <translation>{0} 次前向，计算 {1} 秒，移交 {2} 秒</translation>
    </message>
    <message>
        <source>Planned / limit</source>
        <translation>计划 / 上限</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Seen by the SDK; there is no driver node.</source>
        <translation>SDK 能看到它；没有驱动节点。</translation>
    </message>
    <message>
        <source>no driver node</source>
        <translation>没有驱动节点</translation>
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
        <source>Reading the question: {0} of {1} tokens</source>
        <translation>正在读取问题：{0} / {1} 个 token</translation>
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
    <message>
        <source>The text was too long: the last {0} characters were left out.</source>
        <translation>文本过长：最后 {0} 个字符已被省略。</translation>
    </message>
</context>
<context>
    <name>ChatWords</name>
    <message>
        <source>The limit of new tokens was reached</source>
        <translation>已达到新 token 上限</translation>
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
        <translation>{0} token/秒</translation>
    </message>
    <message>
        <source>{0} tokens</source>
        <translation>{0} 个 token</translation>
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
        <translation>单 token 测试</translation>
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
    <message>
        <source>Set up the container</source>
        <translation>设置容器</translation>
    </message>
    <message>
        <source>Screen saver</source>
        <translation>屏幕保护</translation>
    </message>
    <message>
        <source>It can&apos;t be held back from here. Turn it off in the desktop&apos;s settings.</source>
        <translation>无法从这里阻止屏幕保护，请在桌面设置中将其关闭。</translation>
    </message>
    <message>
        <source>It is left alone; visitor mode holds it back.</source>
        <translation>保持原样；访客模式下会阻止屏幕保护。</translation>
    </message>
    <message>
        <source>Being held back …</source>
        <translation>正在阻止 …</translation>
    </message>
    <message>
        <source>It is held back while visitor mode is on.</source>
        <translation>访客模式期间已阻止屏幕保护。</translation>
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
    <name>CombineView</name>
    <message>
        <source>A compile job may write a prefill part (NAME.ngf) and a decode part (NAME_inc.ngf). Combined they hold the weights once, and the engine can be asked.</source>
        <translation>编译任务可以分别写出预填充部分（NAME.ngf）和解码部分（NAME_inc.ngf）。合并后权重只保存一份，引擎即可用于问答。</translation>
    </message>
    <message>
        <source>Two parts of one model</source>
        <translation>同一模型的两个部分</translation>
    </message>
    <message>
        <source>First part</source>
        <translation>第一部分</translation>
    </message>
    <message>
        <source>Second part</source>
        <translation>第二部分</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Choose: {0}</source>
        <translation>选择：{0}</translation>
    </message>
    <message>
        <source>To the library</source>
        <translation>返回引擎库</translation>
    </message>
    <message>
        <source>Combine</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>The two parts belong together.</source>
        <translation>这两个部分属于同一个引擎。</translation>
    </message>
    <message>
        <source>{0} · batch {1} · total length {2} · pre length {3} · {4}</source>
        <translation>{0} · 批大小 {1} · 总长度 {2} · 预填充长度 {3} · {4}</translation>
    </message>
    <message>
        <source>not chosen yet</source>
        <translation>尚未选择</translation>
    </message>
    <message>
        <source>Choose an engine part</source>
        <translation>选择引擎的一个部分</translation>
    </message>
    <message>
        <source>Engine files (*.ngf)</source>
        <translation>引擎文件 (*.ngf)</translation>
    </message>
    <message>
        <source>Combined engine</source>
        <translation>合并后的引擎</translation>
    </message>
</context>
<context>
    <name>CompilePage</name>
    <message>
        <source>New engine</source>
        <translation>新建引擎</translation>
    </message>
    <message>
        <source>Combine</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>Combine a prefill part and a decode part</source>
        <translation>合并预填充部分和解码部分</translation>
    </message>
    <message>
        <source>Add an engine</source>
        <translation>添加引擎</translation>
    </message>
    <message>
        <source>Show engines of another folder too</source>
        <translation>同时显示其他文件夹中的引擎</translation>
    </message>
    <message>
        <source>To the library</source>
        <translation>返回引擎库</translation>
    </message>
    <message>
        <source>{0} is still being made. Closing the window ends it, and nothing of it is kept.</source>
        <translation>{0} 仍在编译。关闭窗口会终止编译，已完成的部分不会保留。</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>What can be asked here. A new engine is compiled from an ONNX model.</source>
        <translation>这里是可以问答的引擎。新引擎由 ONNX 模型编译而成。</translation>
    </message>
    <message>
        <source>From an ONNX model to an engine, in five steps.</source>
        <translation>从 ONNX 模型到引擎，共五步。</translation>
    </message>
    <message>
        <source>Compile job</source>
        <translation>编译任务</translation>
    </message>
    <message>
        <source>It goes on when you leave this page.</source>
        <translation>离开此页面后任务会继续运行。</translation>
    </message>
    <message>
        <source>Make one engine of two parts.</source>
        <translation>把两个部分合成一个引擎。</translation>
    </message>
    <message>
        <source>Choose an engine</source>
        <translation>选择引擎</translation>
    </message>
    <message>
        <source>Engine files (*.ngf)</source>
        <translation>引擎文件 (*.ngf)</translation>
    </message>
    <message>
        <source>{0} is ready.</source>
        <translation>{0} 已就绪。</translation>
    </message>
</context>
<context>
    <name>CompileWords</name>
    <message>
        <source>Built-in demo model</source>
        <translation>内置演示模型</translation>
    </message>
    <message>
        <source>Convert the demo model to ONNX</source>
        <translation>把演示模型转换为 ONNX</translation>
    </message>
    <message>
        <source>Recognise the model and check every layer</source>
        <translation>识别模型并逐层校验</translation>
    </message>
    <message>
        <source>Build the prefill part (base)</source>
        <translation>构建预填充部分（base）</translation>
    </message>
    <message>
        <source>Build the decode part (incremental)</source>
        <translation>构建解码部分（incremental）</translation>
    </message>
    <message>
        <source>Quantise and write the weights</source>
        <translation>量化并写入权重</translation>
    </message>
    <message>
        <source>Combine both parts in one file</source>
        <translation>把两个部分合并为一个文件</translation>
    </message>
    <message>
        <source>Self-test: answer with one token</source>
        <translation>自检：生成一个 token</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>第 {0} 步，共 {1} 步</translation>
    </message>
    <message>
        <source>Compiling, step {0} of {1}</source>
        <translation>编译中，第 {0} 步，共 {1} 步</translation>
    </message>
    <message>
        <source>{0} passes</source>
        <translation>{0} 道处理</translation>
    </message>
    <message>
        <source>{0} layers</source>
        <translation>{0} 层</translation>
    </message>
    <message>
        <source>{0} passes done, how many there are isn&apos;t known beforehand</source>
        <translation>已完成 {0} 道处理，总数无法预知</translation>
    </message>
    <message>
        <source>{0} layers done, how many there are isn&apos;t known beforehand</source>
        <translation>已完成 {0} 层，总数无法预知</translation>
    </message>
    <message>
        <source>{0} of {1} passes</source>
        <translation>{0} / {1} 道处理</translation>
    </message>
    <message>
        <source>{0} of {1} layers</source>
        <translation>{0} / {1} 层</translation>
    </message>
    <message>
        <source>{0}: skipped</source>
        <translation>{0}：已跳过</translation>
    </message>
    <message>
        <source>Finished after {0}</source>
        <translation>用时 {0}，已完成</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0} 秒</translation>
    </message>
    <message>
        <source>{0} min {1} s</source>
        <translation>{0} 分 {1} 秒</translation>
    </message>
    <message>
        <source>{0} h {1} min</source>
        <translation>{0} 小时 {1} 分</translation>
    </message>
    <message>
        <source>about {0} s</source>
        <translation>约 {0} 秒</translation>
    </message>
    <message>
        <source>about {0} min</source>
        <translation>约 {0} 分钟</translation>
    </message>
    <message>
        <source>about {0} h</source>
        <translation>约 {0} 小时</translation>
    </message>
    <message>
        <source>not quantised</source>
        <translation>不量化</translation>
    </message>
    <message>
        <source>int8 weights</source>
        <translation>int8 权重</translation>
    </message>
    <message>
        <source>int4 weights</source>
        <translation>int4 权重</translation>
    </message>
    <message>
        <source>As exact as the original. For comparisons.</source>
        <translation>与原模型同样精确，用于对比。</translation>
    </message>
    <message>
        <source>int8 weights, everything else exact.</source>
        <translation>权重为 int8，其余保持精确。</translation>
    </message>
    <message>
        <source>int4 weights, everything else exact.</source>
        <translation>权重为 int4，其余保持精确。</translation>
    </message>
    <message>
        <source>Practically the original&apos;s answers, half the size of fp32.</source>
        <translation>回答与原模型几乎一致，大小为 fp32 的一半。</translation>
    </message>
    <message>
        <source>The vendor&apos;s default: hardly any loss.</source>
        <translation>厂商默认选项：几乎没有损失。</translation>
    </message>
    <message>
        <source>Smallest and fastest, with a small loss.</source>
        <translation>最小、最快，精度略有损失。</translation>
    </message>
    <message>
        <source>ChatGLM2 rounds</source>
        <translation>ChatGLM2 轮次格式</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation>纯文本</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>complete engine</source>
        <translation>完整引擎</translation>
    </message>
    <message>
        <source>prefill part (base)</source>
        <translation>预填充部分（base）</translation>
    </message>
    <message>
        <source>decode part (incremental)</source>
        <translation>解码部分（incremental）</translation>
    </message>
    <message>
        <source>Fits in memory</source>
        <translation>内存充足</translation>
    </message>
    <message>
        <source>Larger than the memory</source>
        <translation>超出内存</translation>
    </message>
    <message>
        <source>Fits on {0} C10 (simulated)</source>
        <translation>可放入 {0} 张 C10（模拟）</translation>
    </message>
    <message>
        <source>Too large for {0} C10 (simulated)</source>
        <translation>{0} 张 C10（模拟）放不下</translation>
    </message>
    <message>
        <source>Fits on {0} C10</source>
        <translation>可放入 {0} 张 C10</translation>
    </message>
    <message>
        <source>Too large for {0} C10</source>
        <translation>{0} 张 C10 放不下</translation>
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
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Fit review</source>
        <translation>容量检查</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Close other programs first</source>
        <translation>请先关闭其他程序</translation>
    </message>
    <message>
        <source>{0} · {1} left</source>
        <translation>{0} · 还需{1}</translation>
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
    <message>
        <source>Questions can be sent once an engine is loaded</source>
        <translation>加载引擎后即可发送问题</translation>
    </message>
</context>
<context>
    <name>ContainerDialog</name>
    <message>
        <source>The SDK&apos;s container</source>
        <translation>SDK 容器</translation>
    </message>
    <message>
        <source>The vendor offers the SDK as a docker image (hexaflake-R-latest.tar). Nothing runs unseen: </source>
        <translation>厂商以 docker 镜像（hexaflake-R-latest.tar）提供 SDK。不会暗中运行任何东西：</translation>
    </message>
    <message>
        <source>the command below is what the button runs.</source>
        <translation>按钮运行的就是下面这条命令。</translation>
    </message>
    <message>
        <source>Load from a file</source>
        <translation>从文件加载</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Choose the work folder</source>
        <translation>选择工作文件夹</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Run this command</source>
        <translation>运行此命令</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>容器</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Work folder</source>
        <translation>工作文件夹</translation>
    </message>
    <message>
        <source>The container runs.</source>
        <translation>容器正在运行。</translation>
    </message>
    <message>
        <source>It is used from now on.</source>
        <translation>从现在起使用它。</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>完成。</translation>
    </message>
    <message>
        <source>Running …</source>
        <translation>正在运行……</translation>
    </message>
    <message>
        <source>Next: load the image from the file.</source>
        <translation>下一步：从文件加载镜像。</translation>
    </message>
    <message>
        <source>Looking for the container …</source>
        <translation>正在查找容器……</translation>
    </message>
    <message>
        <source>Nothing is left to do.</source>
        <translation>已全部就绪。</translation>
    </message>
    <message>
        <source>Next: start the container, which is there but doesn&apos;t run.</source>
        <translation>下一步：启动已存在但未运行的容器。</translation>
    </message>
    <message>
        <source>First load the vendor&apos;s image from the file that it offers.</source>
        <translation>请先从厂商提供的文件加载镜像。</translation>
    </message>
    <message>
        <source>Next: make the container from the image and start it.</source>
        <translation>下一步：用镜像创建容器并启动。</translation>
    </message>
    <message>
        <source>Docker images (*.tar *.tar.gz *.tgz)</source>
        <translation>Docker 镜像 (*.tar *.tar.gz *.tgz)</translation>
    </message>
</context>
<context>
    <name>Core</name>
    <message>
        <source>A conversation must end with a user&apos;s turn.</source>
        <translation>对话必须以用户的发言结尾。</translation>
    </message>
    <message>
        <source>A question is given as token ids, as text or as a conversation.</source>
        <translation>问题可以是 token 编号、文本或一段对话。</translation>
    </message>
    <message>
        <source>A rotary dim of {0} doesn&apos;t fit a head of {1} features.</source>
        <translation>旋转维度 {0} 与 {1} 维的注意力头不匹配。</translation>
    </message>
    <message>
        <source>A round takes 1 to {0} tokens, not {1}.</source>
        <translation>一轮可处理 1 到 {0} 个 token，而不是 {1} 个。</translation>
    </message>
    <message>
        <source>A token id lies outside 0 to {0}.</source>
        <translation>有 token 编号不在 0 到 {0} 之间。</translation>
    </message>
    <message>
        <source>A value can&apos;t be written as JSON: {0}.</source>
        <translation>有一个值无法写成 JSON：{0}。</translation>
    </message>
    <message>
        <source>A weight refers to the file {0}, which does not lie inside the model&apos;s folder.</source>
        <translation>有权重指向文件 {0}，它不在模型文件夹内。</translation>
    </message>
    <message>
        <source>Add a question.</source>
        <translation>请添加一个问题。</translation>
    </message>
    <message>
        <source>Add one.</source>
        <translation>请添加一个。</translation>
    </message>
    <message>
        <source>After {0} layers (from the output back) the residual stream is {1}, neither another layer nor an embedding lookup.</source>
        <translation>从输出往回数 {0} 层之后，残差流是 {1}，既不是另一层，也不是词嵌入查找。</translation>
    </message>
    <message>
        <source>An engine can&apos;t have {0} sections; {1} is the most.</source>
        <translation>引擎不能有 {0} 个区段，最多 {1} 个。</translation>
    </message>
    <message>
        <source>Apache TVM isn&apos;t installed.</source>
        <translation>未安装 Apache TVM。</translation>
    </message>
    <message>
        <source>Ask a question first.</source>
        <translation>请先提一个问题。</translation>
    </message>
    <message>
        <source>Ask a shorter question, or compile with a larger --total-len.</source>
        <translation>请缩短问题，或用更大的 --total-len 编译。</translation>
    </message>
    <message>
        <source>Ask again: the cards that are left share its layers, if they can.</source>
        <translation>请再问一次：如果放得下，其余的卡会分担它的层。</translation>
    </message>
    <message>
        <source>Ask with --raw, which uses the text as it is.</source>
        <translation>请用 --raw 提问，它会原样使用文本。</translation>
    </message>
    <message>
        <source>Both parts have the role {0}: {1} and {2}.</source>
        <translation>两个部分的角色都是 {0}：{1} 和 {2}。</translation>
    </message>
    <message>
        <source>Card {0} needs {1} ({2} bytes) more for its {3}, but only {4} of its limit of {5} ({6} bytes) are left.</source>
        <translation>卡 {0} 还需要 {1}（{2} 字节）存放{3}，但其上限 {5}（{6} 字节）只剩 {4}。</translation>
    </message>
    <message>
        <source>Change or drop a turn.</source>
        <translation>请修改或删除一轮发言。</translation>
    </message>
    <message>
        <source>Change the value.</source>
        <translation>请修改该值。</translation>
    </message>
    <message>
        <source>Check --base-length: it must be what the engine was compiled with.</source>
        <translation>请检查 --base-length：它必须与编译引擎时相同。</translation>
    </message>
    <message>
        <source>Check --c10-python.</source>
        <translation>请检查 --c10-python。</translation>
    </message>
    <message>
        <source>Check --input-ids, or whether the tokenizer belongs to this model.</source>
        <translation>请检查 --input-ids，或分词器是否属于此模型。</translation>
    </message>
    <message>
        <source>Check --model-path.</source>
        <translation>请检查 --model-path。</translation>
    </message>
    <message>
        <source>Check docker inspect.</source>
        <translation>请检查 docker inspect 的输出。</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>请检查其权限。</translation>
    </message>
    <message>
        <source>Check that its service runs.</source>
        <translation>请检查其服务是否在运行。</translation>
    </message>
    <message>
        <source>Check that the engine and what is beside it belong together.</source>
        <translation>请检查引擎与旁边的文件是否匹配。</translation>
    </message>
    <message>
        <source>Check the disk.</source>
        <translation>请检查磁盘。</translation>
    </message>
    <message>
        <source>Check the driver: `ls /dev | grep gp` must list the cards.</source>
        <translation>请检查驱动：`ls /dev | grep gp` 应列出加速卡。</translation>
    </message>
    <message>
        <source>Check the driver: `ls /dev | grep gp`.</source>
        <translation>请检查驱动：`ls /dev | grep gp`。</translation>
    </message>
    <message>
        <source>Check the folder and the disk.</source>
        <translation>请检查文件夹和磁盘。</translation>
    </message>
    <message>
        <source>Check the model&apos;s weights, or compile with another precision.</source>
        <translation>请检查模型的权重，或换一种精度编译。</translation>
    </message>
    <message>
        <source>Check the network and the addresses, then start again: what arrived is kept.</source>
        <translation>请检查网络和地址，然后重新开始：已下载的部分会保留。</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>请检查路径。</translation>
    </message>
    <message>
        <source>Check the path; the folder must exist.</source>
        <translation>请检查路径；文件夹必须存在。</translation>
    </message>
    <message>
        <source>Check the permissions, or choose another folder.</source>
        <translation>请检查权限，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>Check whether another program uses it.</source>
        <translation>请检查是否有其他程序正在使用它。</translation>
    </message>
    <message>
        <source>Checking the engine was stopped.</source>
        <translation>引擎检查已停止。</translation>
    </message>
    <message>
        <source>Choose 1 for a single chat or up to 8 for side-by-side answers.</source>
        <translation>单个对话请选 1，并排回答最多可选 8。</translation>
    </message>
    <message>
        <source>Choose a UTF-8 text file.</source>
        <translation>请选择 UTF-8 文本文件。</translation>
    </message>
    <message>
        <source>Choose a folder that can be written.</source>
        <translation>请选择可写入的文件夹。</translation>
    </message>
    <message>
        <source>Choose a question file.</source>
        <translation>请选择问题文件。</translation>
    </message>
    <message>
        <source>Choose a shorter --total-len or a smaller batch.</source>
        <translation>请选择更短的 --total-len 或更小的批次。</translation>
    </message>
    <message>
        <source>Choose a shorter name.</source>
        <translation>请选择更短的名称。</translation>
    </message>
    <message>
        <source>Choose a shorter text.</source>
        <translation>请选择更短的文本。</translation>
    </message>
    <message>
        <source>Choose a smaller --window.</source>
        <translation>请选择更小的 --window。</translation>
    </message>
    <message>
        <source>Choose an .ngf file.</source>
        <translation>请选择 .ngf 文件。</translation>
    </message>
    <message>
        <source>Choose another --question-index.</source>
        <translation>请选择其他 --question-index。</translation>
    </message>
    <message>
        <source>Choose another file name.</source>
        <translation>请选择其他文件名。</translation>
    </message>
    <message>
        <source>Choose another folder, or remove it first.</source>
        <translation>请选择其他文件夹，或先将其删除。</translation>
    </message>
    <message>
        <source>Choose another name for the output.</source>
        <translation>请为输出选择其他名称。</translation>
    </message>
    <message>
        <source>Choose f16 for it.</source>
        <translation>请为它选择 f16。</translation>
    </message>
    <message>
        <source>Choose the model file yourself.</source>
        <translation>请自行选择模型文件。</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation>请关闭其他程序后重试。</translation>
    </message>
    <message>
        <source>Close other programs, or choose a smaller setting.</source>
        <translation>请关闭其他程序，或选择更小的设置。</translation>
    </message>
    <message>
        <source>Close other programs, or use fewer cards.</source>
        <translation>请关闭其他程序，或使用更少的卡。</translation>
    </message>
    <message>
        <source>Combine it with its {0} part first: combine --ngf-1 ... --ngf-2 ... --output ...</source>
        <translation>请先与它的 {0} 部分合并：combine --ngf-1 ... --ngf-2 ... --output ...</translation>
    </message>
    <message>
        <source>Combine the two files that one compile job wrote (NAME.ngf and NAME_inc.ngf).</source>
        <translation>请合并同一次编译生成的两个文件（NAME.ngf 和 NAME_inc.ngf）。</translation>
    </message>
    <message>
        <source>Compile it again, or use one device.</source>
        <translation>请重新编译，或只用一个设备。</translation>
    </message>
    <message>
        <source>Compile the model again with this program.</source>
        <translation>请用本程序重新编译模型。</translation>
    </message>
    <message>
        <source>Compile the model again, or use the program that made the file.</source>
        <translation>请重新编译模型，或使用生成该文件的程序。</translation>
    </message>
    <message>
        <source>Copy it again in binary mode.</source>
        <translation>请以二进制模式重新复制。</translation>
    </message>
    <message>
        <source>Copy or compile it again.</source>
        <translation>请重新复制或重新编译。</translation>
    </message>
    <message>
        <source>Copy or download it again; the copy probably broke off.</source>
        <translation>请重新复制或下载；复制可能中断了。</translation>
    </message>
    <message>
        <source>Copying the engine was stopped; nothing was written.</source>
        <translation>复制引擎已停止，未写入任何内容。</translation>
    </message>
    <message>
        <source>Device {0} can&apos;t be used: set_device gave the status {1}.</source>
        <translation>设备 {0} 无法使用：set_device 返回状态 {1}。</translation>
    </message>
    <message>
        <source>Device {0} was asked for, but the SDK sees {1} cards.</source>
        <translation>请求使用设备 {0}，但 SDK 只看到 {1} 张卡。</translation>
    </message>
    <message>
        <source>Do this with an engine for the CPU.</source>
        <translation>请用 CPU 引擎完成此操作。</translation>
    </message>
    <message>
        <source>Export a ChatGLM2-style model as one full-sequence graph (input_ids, position_ids, attention_mask in, logits out).</source>
        <translation>请将 ChatGLM2 类模型导出为一个完整序列图（输入 input_ids、position_ids、attention_mask，输出 logits）。</translation>
    </message>
    <message>
        <source>Export a ChatGLM2-style model without extra parts.</source>
        <translation>请导出不含额外部分的 ChatGLM2 类模型。</translation>
    </message>
    <message>
        <source>Export it in one type throughout: with float32 weights, or with another exporter version.</source>
        <translation>请全程使用同一种类型导出：使用 float32 权重，或换用其他版本的导出程序。</translation>
    </message>
    <message>
        <source>Export it with a batch of one or a free one.</source>
        <translation>导出时批次请设为 1 或不固定。</translation>
    </message>
    <message>
        <source>Export it with dense weights.</source>
        <translation>请以稠密权重导出。</translation>
    </message>
    <message>
        <source>Export it with float32, float16 or bfloat16 weights; compiling quantises them.</source>
        <translation>请以 float32、float16 或 bfloat16 权重导出；编译时会量化。</translation>
    </message>
    <message>
        <source>Export the model again, or copy it again if it was copied.</source>
        <translation>请重新导出模型；如果是复制来的，请重新复制。</translation>
    </message>
    <message>
        <source>Export the model again, with all of its weight files in one folder.</source>
        <translation>请重新导出模型，并将所有权重文件放在同一文件夹中。</translation>
    </message>
    <message>
        <source>Export the model again, with other exporter settings or another version.</source>
        <translation>请用其他导出设置或其他版本重新导出模型。</translation>
    </message>
    <message>
        <source>Export the model as one full-sequence graph: input_ids, position_ids and attention_mask in, logits out.</source>
        <translation>请将模型导出为一个完整序列图：输入 input_ids、position_ids 和 attention_mask，输出 logits。</translation>
    </message>
    <message>
        <source>Export the model with float32, float16 or bfloat16 weights.</source>
        <translation>请以 float32、float16 或 bfloat16 权重导出模型。</translation>
    </message>
    <message>
        <source>Fetch it again, or from another host.</source>
        <translation>请重新下载，或从其他主机下载。</translation>
    </message>
    <message>
        <source>Fetch the model&apos;s files again.</source>
        <translation>请重新下载模型文件。</translation>
    </message>
    <message>
        <source>Free some space, or choose a folder on another disk.</source>
        <translation>请释放一些空间，或选择其他磁盘上的文件夹。</translation>
    </message>
    <message>
        <source>Give a longer text.</source>
        <translation>请提供更长的文本。</translation>
    </message>
    <message>
        <source>Give at least one question.</source>
        <translation>请至少提供一个问题。</translation>
    </message>
    <message>
        <source>Give at least one token.</source>
        <translation>请至少提供一个 token。</translation>
    </message>
    <message>
        <source>Give at least one.</source>
        <translation>请至少提供一个。</translation>
    </message>
    <message>
        <source>Give exactly one of them.</source>
        <translation>请只提供其中一个。</translation>
    </message>
    <message>
        <source>Give it in UTF-8.</source>
        <translation>请使用 UTF-8 编码。</translation>
    </message>
    <message>
        <source>Give one limit for each card.</source>
        <translation>请为每张卡给出一个上限。</translation>
    </message>
    <message>
        <source>Give one limit for each device.</source>
        <translation>请为每个设备给出一个上限。</translation>
    </message>
    <message>
        <source>Give one with --tokenizer, or ask with --input-ids.</source>
        <translation>请用 --tokenizer 指定一个，或用 --input-ids 提问。</translation>
    </message>
    <message>
        <source>Give the folder of the vendor&apos;s ChatGLM2-6B sample with --c10-home or C10_SDK_HOME.</source>
        <translation>请用 --c10-home 或 C10_SDK_HOME 指定厂商 ChatGLM2-6B 示例的文件夹。</translation>
    </message>
    <message>
        <source>Give the folder of the vendor&apos;s ChatGLM2-6B sample with --c10-home or {0}.</source>
        <translation>请用 --c10-home 或 {0} 指定厂商 ChatGLM2-6B 示例的文件夹。</translation>
    </message>
    <message>
        <source>Give the model&apos;s own with --tokenizer, or ask with --input-ids.</source>
        <translation>请用 --tokenizer 指定模型自带的分词器，或用 --input-ids 提问。</translation>
    </message>
    <message>
        <source>Give the whole address of the archive.</source>
        <translation>请提供压缩包的完整地址。</translation>
    </message>
    <message>
        <source>Install Docker Engine.</source>
        <translation>请安装 Docker Engine。</translation>
    </message>
    <message>
        <source>Install the program again.</source>
        <translation>请重新安装程序。</translation>
    </message>
    <message>
        <source>It can be used as it is.</source>
        <translation>可以直接使用。</translation>
    </message>
    <message>
        <source>It ended {0} times in {1} minutes, so it isn&apos;t started again by itself.</source>
        <translation>它在 {1} 分钟内结束了 {0} 次，因此不再自动重启。</translation>
    </message>
    <message>
        <source>It fits with a static batch size of 1.</source>
        <translation>静态批次设为 1 时放得下。</translation>
    </message>
    <message>
        <source>It fits with a total length of {0} tokens.</source>
        <translation>总长度设为 {0} 个 token 时放得下。</translation>
    </message>
    <message>
        <source>It fits with int4 weights.</source>
        <translation>使用 int4 权重时放得下。</translation>
    </message>
    <message>
        <source>It fits with int8 weights.</source>
        <translation>使用 int8 权重时放得下。</translation>
    </message>
    <message>
        <source>It fits with {0} {1} in flight.</source>
        <translation>同时处理 {0} 个{1}时放得下。</translation>
    </message>
    <message>
        <source>It was changed or damaged on the way and has been removed; try another host.</source>
        <translation>它在传输途中被更改或损坏，已被删除；请换一个主机。</translation>
    </message>
    <message>
        <source>Lane {0} of {1} was given work it can&apos;t take.</source>
        <translation>第 {0} 路（共 {1} 路）收到了无法处理的任务。</translation>
    </message>
    <message>
        <source>Layer {0} has {1} of {2} query/key/value biases, unlike layer 0.</source>
        <translation>第 {0} 层有 {2} 个 query/key/value 偏置中的 {1} 个，与第 0 层不同。</translation>
    </message>
    <message>
        <source>Leave out --combine, or set --ngf true.</source>
        <translation>请去掉 --combine，或设置 --ngf true。</translation>
    </message>
    <message>
        <source>Leave out --quant-lm-head.</source>
        <translation>请去掉 --quant-lm-head。</translation>
    </message>
    <message>
        <source>Leave out --target c10, or compile it again with --target c10.</source>
        <translation>请去掉 --target c10，或用 --target c10 重新编译。</translation>
    </message>
    <message>
        <source>Let {0} name a file.</source>
        <translation>请让 {0} 指向一个文件。</translation>
    </message>
    <message>
        <source>Load an engine first.</source>
        <translation>请先加载引擎。</translation>
    </message>
    <message>
        <source>Load one first.</source>
        <translation>请先加载一个。</translation>
    </message>
    <message>
        <source>Load the engine again.</source>
        <translation>请重新加载引擎。</translation>
    </message>
    <message>
        <source>Load the engine again; the log has its last lines.</source>
        <translation>请重新加载引擎；日志中有它最后的输出。</translation>
    </message>
    <message>
        <source>Logits were asked for that no card computes.</source>
        <translation>请求的 logits 没有任何卡计算。</translation>
    </message>
    <message>
        <source>Memory ran out.</source>
        <translation>内存不足。</translation>
    </message>
    <message>
        <source>Move the file into one of them, or start the container with -v FOLDER:/workspace.</source>
        <translation>请将文件移到其中一个文件夹，或用 -v 文件夹:/workspace 启动容器。</translation>
    </message>
    <message>
        <source>Name it with --c10-python or {0}, or the SDK&apos;s container with --c10-container or {1}.</source>
        <translation>请用 --c10-python 或 {0} 指定它，或用 --c10-container 或 {1} 指定 SDK 的容器。</translation>
    </message>
    <message>
        <source>Name the SDK&apos;s interpreter with --c10-python or C10_SDK_PYTHON, or its container with --c10-container or C10_SDK_CONTAINER.</source>
        <translation>请用 --c10-python 或 C10_SDK_PYTHON 指定 SDK 的解释器，或用 --c10-container 或 C10_SDK_CONTAINER 指定其容器。</translation>
    </message>
    <message>
        <source>No address to download from was given.</source>
        <translation>没有提供下载地址。</translation>
    </message>
    <message>
        <source>No card, or one card twice, was asked for.</source>
        <translation>没有指定卡，或同一张卡指定了两次。</translation>
    </message>
    <message>
        <source>No device, or one device twice, was asked for.</source>
        <translation>没有请求设备，或重复请求了同一设备。</translation>
    </message>
    <message>
        <source>No engine is loaded on the card.</source>
        <translation>加速卡上未加载引擎。</translation>
    </message>
    <message>
        <source>No engine is loaded.</source>
        <translation>未加载引擎。</translation>
    </message>
    <message>
        <source>No prompt was given.</source>
        <translation>没有给出提示词。</translation>
    </message>
    <message>
        <source>None of the engine&apos;s cards is left.</source>
        <translation>引擎所用的卡一张也不剩了。</translation>
    </message>
    <message>
        <source>None of {0} hosts gave the whole file ({1} bytes arrived): {2}.</source>
        <translation>{0} 个主机都没有给出完整文件（已收到 {1} 字节）：{2}。</translation>
    </message>
    <message>
        <source>Norm eps {0} or rope theta {1} is out of range.</source>
        <translation>归一化 eps {0} 或 rope theta {1} 超出范围。</translation>
    </message>
    <message>
        <source>Nothing beside the engine describes it: it is taken to be ChatGLM2-6B with a base length of {0} and a total length of {1}.</source>
        <translation>引擎旁没有描述文件：视为 base 长度 {0}、总长度 {1} 的 ChatGLM2-6B。</translation>
    </message>
    <message>
        <source>On the C10 card: device {0} of {1}; Python {2}.</source>
        <translation>在 C10 加速卡上：设备 {0}，共 {1} 个；Python {2}。</translation>
    </message>
    <message>
        <source>Only .ngf engines can be combined.</source>
        <translation>只有 .ngf 引擎可以合并。</translation>
    </message>
    <message>
        <source>Only graphs that onnxruntime can run are supported; export the model again.</source>
        <translation>只支持 onnxruntime 能运行的图；请重新导出模型。</translation>
    </message>
    <message>
        <source>Only interleaved rotary embeddings over the first features of each head are supported, as ChatGLM2 has them.</source>
        <translation>只支持作用于每个头前若干特征的交错式旋转位置编码，与 ChatGLM2 相同。</translation>
    </message>
    <message>
        <source>Open it again.</source>
        <translation>请重新打开。</translation>
    </message>
    <message>
        <source>Pick the model&apos;s .onnx file, or copy it again.</source>
        <translation>请选择模型的 .onnx 文件，或重新复制。</translation>
    </message>
    <message>
        <source>Pick the model&apos;s .onnx file.</source>
        <translation>请选择模型的 .onnx 文件。</translation>
    </message>
    <message>
        <source>Please report it.</source>
        <translation>请报告此问题。</translation>
    </message>
    <message>
        <source>Position {0} lies outside the context of {1} tokens.</source>
        <translation>位置 {0} 超出了 {1} 个 token 的上下文。</translation>
    </message>
    <message>
        <source>Put it beside the ONNX file, under the name that it had when it was exported.</source>
        <translation>请将它放在 ONNX 文件旁，并保持导出时的文件名。</translation>
    </message>
    <message>
        <source>Raise --total-len (8192, for instance) or lower --pre-len.</source>
        <translation>请增大 --total-len（例如 8192）或减小 --pre-len。</translation>
    </message>
    <message>
        <source>Raise it.</source>
        <translation>请增大它。</translation>
    </message>
    <message>
        <source>Raise its --multi-dev-dram-limit, or use another card as well.</source>
        <translation>请提高它的 --multi-dev-dram-limit，或再加一张卡。</translation>
    </message>
    <message>
        <source>Remove the file to go by flags and defaults instead.</source>
        <translation>若要改用参数和默认值，请删除该文件。</translation>
    </message>
    <message>
        <source>Replace it with a copy of its own.</source>
        <translation>请用独立的副本替换它。</translation>
    </message>
    <message>
        <source>Replace the link with the file itself.</source>
        <translation>请用文件本身替换该链接。</translation>
    </message>
    <message>
        <source>Row {0} doesn&apos;t exist in an engine of static batch size {1}.</source>
        <translation>静态批次为 {1} 的引擎中没有第 {0} 行。</translation>
    </message>
    <message>
        <source>Save it as UTF-8.</source>
        <translation>请以 UTF-8 保存。</translation>
    </message>
    <message>
        <source>Save the model with its weights as external data.</source>
        <translation>请将模型的权重保存为外部数据。</translation>
    </message>
    <message>
        <source>See the log.</source>
        <translation>请查看日志。</translation>
    </message>
    <message>
        <source>Shorten the prompt, or compile with a larger --total-len.</source>
        <translation>请缩短提示词，或用更大的 --total-len 编译。</translation>
    </message>
    <message>
        <source>Simulated cards compute on the CPU, a process each: {0}.</source>
        <translation>模拟卡在 CPU 上计算，每张卡一个进程：{0}。</translation>
    </message>
    <message>
        <source>Something unexpected went wrong ({0}: {1}).</source>
        <translation>发生了意外错误（{0}：{1}）。</translation>
    </message>
    <message>
        <source>Start a new conversation, or compile with a larger --total-len.</source>
        <translation>请开始新对话，或用更大的 --total-len 编译。</translation>
    </message>
    <message>
        <source>Start a new conversation.</source>
        <translation>请开始新对话。</translation>
    </message>
    <message>
        <source>Start again.</source>
        <translation>请重新开始。</translation>
    </message>
    <message>
        <source>Start it again to go on from there.</source>
        <translation>请重新开始，将从中断处继续。</translation>
    </message>
    <message>
        <source>Start it again.</source>
        <translation>请重新启动。</translation>
    </message>
    <message>
        <source>Start it again; the archive is kept.</source>
        <translation>请重新开始；压缩包已保留。</translation>
    </message>
    <message>
        <source>Start it again; the log has the line.</source>
        <translation>请重新启动；日志中有该行内容。</translation>
    </message>
    <message>
        <source>Start the job again.</source>
        <translation>请重新开始任务。</translation>
    </message>
    <message>
        <source>Start the program again.</source>
        <translation>请重新启动程序。</translation>
    </message>
    <message>
        <source>Start the program through packaging/c10-panel, which does it.</source>
        <translation>请通过 packaging/c10-panel 启动程序，它会自动处理。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s interpreter stopped answering, so it was ended.</source>
        <translation>C10 SDK 的解释器停止响应，已被结束。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s interpreter wasn&apos;t found: looked for {0} {1}.</source>
        <translation>未找到 C10 SDK 的解释器：查找了 {0} {1}。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s interpreter {0} can&apos;t be started: {1}.</source>
        <translation>无法启动 C10 SDK 的解释器 {0}：{1}。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s interpreter {0}, so it was ended.</source>
        <translation>C10 SDK 的解释器出错（{0}），已被结束。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s interpreter {0}.</source>
        <translation>C10 SDK 的解释器出错：{0}。</translation>
    </message>
    <message>
        <source>The C10 SDK&apos;s module {0} can&apos;t be imported by {1} (Python {2}): {3}.</source>
        <translation>{1}（Python {2}）无法导入 C10 SDK 的模块 {0}：{3}。</translation>
    </message>
    <message>
        <source>The C10 card can&apos;t process the rows of a batch one by one.</source>
        <translation>C10 加速卡不能逐行处理一个批次。</translation>
    </message>
    <message>
        <source>The C10 driver doesn&apos;t answer: device_get_count gave the status {0}.</source>
        <translation>C10 驱动没有响应：device_get_count 返回状态 {0}。</translation>
    </message>
    <message>
        <source>The RMS norms differ: {0} has eps {1}, the final norm {2}.</source>
        <translation>RMS 归一化不一致：{0} 的 eps 为 {1}，最终归一化为 {2}。</translation>
    </message>
    <message>
        <source>The SDK combined the engines, but didn&apos;t write {0}.</source>
        <translation>SDK 合并了引擎，但没有写出 {0}。</translation>
    </message>
    <message>
        <source>The archive {0} {1}.</source>
        <translation>压缩包 {0} {1}。</translation>
    </message>
    <message>
        <source>The base length is {0}, but the engine takes 1 to {1} tokens a round.</source>
        <translation>base 长度为 {0}，但引擎每轮处理 1 到 {1} 个 token。</translation>
    </message>
    <message>
        <source>The card gave logits of {0} instead of {1}.</source>
        <translation>加速卡给出的 logits 为 {0}，而不是 {1}。</translation>
    </message>
    <message>
        <source>The card&apos;s logits have the shape {0}, not ({1}, {2}, vocabulary).</source>
        <translation>加速卡的 logits 形状为 {0}，而不是（{1}, {2}, 词表）。</translation>
    </message>
    <message>
        <source>The cards haven&apos;t opened the engine within {0} s.</source>
        <translation>各卡未能在 {0} 秒内打开引擎。</translation>
    </message>
    <message>
        <source>The compile job was cancelled.</source>
        <translation>编译任务已取消。</translation>
    </message>
    <message>
        <source>The compile request is incomplete or has a wrong field.</source>
        <translation>编译请求不完整或有错误的字段。</translation>
    </message>
    <message>
        <source>The constant {0} does not hold the {1} bytes of its shape.</source>
        <translation>常量 {0} 的数据不足其形状所需的 {1} 字节。</translation>
    </message>
    <message>
        <source>The constant {0} has ONNX type {1}, which is not supported.</source>
        <translation>常量 {0} 的 ONNX 类型 {1} 不受支持。</translation>
    </message>
    <message>
        <source>The constant {0} has the impossible shape {1}.</source>
        <translation>常量 {0} 的形状 {1} 不可能存在。</translation>
    </message>
    <message>
        <source>The container {0} doesn&apos;t run.</source>
        <translation>容器 {0} 未运行。</translation>
    </message>
    <message>
        <source>The context of {0} tokens is full.</source>
        <translation>{0} 个 token 的上下文已满。</translation>
    </message>
    <message>
        <source>The demo&apos;s model, the package {0}, isn&apos;t installed.</source>
        <translation>未安装演示模型软件包 {0}。</translation>
    </message>
    <message>
        <source>The disk is full: {0} couldn&apos;t be {1}{2}.</source>
        <translation>磁盘已满：{0} 无法完成操作（{1}{2}）。</translation>
    </message>
    <message>
        <source>The disk reported an error; check it, or choose another one.</source>
        <translation>磁盘报告了错误；请检查磁盘，或选择其他磁盘。</translation>
    </message>
    <message>
        <source>The download was stopped.</source>
        <translation>下载已停止。</translation>
    </message>
    <message>
        <source>The embedding is not looked up with the token ids.</source>
        <translation>词嵌入不是用 token 编号查找的。</translation>
    </message>
    <message>
        <source>The engine config&apos;s {0} is {1}, not one of {2}.</source>
        <translation>引擎配置的 {0} 为 {1}，不是 {2} 之一。</translation>
    </message>
    <message>
        <source>The engine has a static batch size of {0}, not of {1}.</source>
        <translation>引擎的静态批次为 {0}，而不是 {1}。</translation>
    </message>
    <message>
        <source>The engine has no section {0}.</source>
        <translation>引擎没有区段 {0}。</translation>
    </message>
    <message>
        <source>The engine has no sections.</source>
        <translation>引擎没有任何区段。</translation>
    </message>
    <message>
        <source>The engine has no tokenizer, so it can&apos;t be asked in words.</source>
        <translation>引擎没有分词器，无法用文字提问。</translation>
    </message>
    <message>
        <source>The engine has no tokenizer, so no text can be measured.</source>
        <translation>引擎没有分词器，无法测量文本。</translation>
    </message>
    <message>
        <source>The engine has two sections called {0}.</source>
        <translation>引擎有两个名为 {0} 的区段。</translation>
    </message>
    <message>
        <source>The engine header claims {0} bytes, outside 2 to {1}.</source>
        <translation>引擎文件头声明的长度 {0} 字节不在 2 到 {1} 之间。</translation>
    </message>
    <message>
        <source>The engine header has {0} bytes, more than the {1} that are allowed.</source>
        <translation>引擎文件头有 {0} 字节，超过允许的 {1} 字节。</translation>
    </message>
    <message>
        <source>The engine header is not in the canonical form.</source>
        <translation>引擎文件头不是规范格式。</translation>
    </message>
    <message>
        <source>The export is broken or overflowed; export the model again.</source>
        <translation>导出已损坏或溢出；请重新导出模型。</translation>
    </message>
    <message>
        <source>The export name {0} can&apos;t be part of a file name.</source>
        <translation>导出名称 {0} 不能用作文件名。</translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation>导出已取消，未写入任何内容。</translation>
    </message>
    <message>
        <source>The file begins with {0}, not with this program&apos;s magic: it is probably the vendor&apos;s engine.</source>
        <translation>文件以 {0} 开头，而不是本程序的标识：它可能是厂商的引擎。</translation>
    </message>
    <message>
        <source>The file ends after {0} bytes, within its first {1}.</source>
        <translation>文件在 {0} 字节处结束，不足开头的 {1} 字节。</translation>
    </message>
    <message>
        <source>The file ends after {0} bytes, within its header of {1} bytes.</source>
        <translation>文件在 {0} 字节处结束，不足 {1} 字节的文件头。</translation>
    </message>
    <message>
        <source>The file ends after {0} bytes.</source>
        <translation>文件在 {0} 字节处结束。</translation>
    </message>
    <message>
        <source>The file has flags {0}, but this program knows none.</source>
        <translation>文件带有标志 {0}，但本程序不认识任何标志。</translation>
    </message>
    <message>
        <source>The file has format version {0}, but this program reads version {1}.</source>
        <translation>文件的格式版本为 {0}，但本程序读取版本 {1}。</translation>
    </message>
    <message>
        <source>The file has {0} bytes, but its header describes {1}.</source>
        <translation>文件有 {0} 字节，但文件头描述的是 {1} 字节。</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>文件为空。</translation>
    </message>
    <message>
        <source>The file system or a limit of this session doesn&apos;t allow files this large.</source>
        <translation>文件系统或当前会话的限制不允许这么大的文件。</translation>
    </message>
    <message>
        <source>The file that arrived has the SHA-256 {0}, not {1}.</source>
        <translation>收到的文件的 SHA-256 是 {0}，而不是 {1}。</translation>
    </message>
    <message>
        <source>The file was damaged by a transfer in text mode.</source>
        <translation>文件因文本模式传输而损坏。</translation>
    </message>
    <message>
        <source>The file was made by another version; compile it again.</source>
        <translation>文件由其他版本生成；请重新编译。</translation>
    </message>
    <message>
        <source>The file {0} can&apos;t be opened: {1}.</source>
        <translation>无法打开文件 {0}：{1}。</translation>
    </message>
    <message>
        <source>The file {0} can&apos;t be read: {1}.</source>
        <translation>无法读取文件 {0}：{1}。</translation>
    </message>
    <message>
        <source>The first rotary frequency is {0} radians a position, not 1: it is scaled.</source>
        <translation>第一个旋转频率为每位置 {0} 弧度，而不是 1：它被缩放了。</translation>
    </message>
    <message>
        <source>The graph has an input {0} that is unknown here.</source>
        <translation>图中有未知的输入 {0}。</translation>
    </message>
    <message>
        <source>The graph has no input for token ids (input_ids).</source>
        <translation>图中没有 token 编号的输入（input_ids）。</translation>
    </message>
    <message>
        <source>The graph has no output.</source>
        <translation>图没有输出。</translation>
    </message>
    <message>
        <source>The graph is fixed to {0} tokens, more than the {1} that are supported.</source>
        <translation>图固定为 {0} 个 token，超过所支持的 {1} 个。</translation>
    </message>
    <message>
        <source>The graph is invalid: the {0} node {1} mixes {2}, which no ONNX runtime accepts.</source>
        <translation>图无效：{0} 节点 {1} 混用了 {2}，没有 ONNX 运行时会接受。</translation>
    </message>
    <message>
        <source>The graph looks like ChatGLM2, but computes something else; check how it was exported.</source>
        <translation>图看起来像 ChatGLM2，但计算的是别的内容；请检查导出方式。</translation>
    </message>
    <message>
        <source>The graph takes a KV cache (input {0}): it is not a full-sequence graph.</source>
        <translation>图带有 KV 缓存（输入 {0}）：它不是完整序列图。</translation>
    </message>
    <message>
        <source>The header&apos;s digest doesn&apos;t match: the file is damaged.</source>
        <translation>文件头的摘要不匹配：文件已损坏。</translation>
    </message>
    <message>
        <source>The input {0} does not hold integers.</source>
        <translation>输入 {0} 不是整数类型。</translation>
    </message>
    <message>
        <source>The input {0} has the shape {1}, not [1, sequence].</source>
        <translation>输入 {0} 的形状为 {1}，而不是 [1, 序列]。</translation>
    </message>
    <message>
        <source>The job was cancelled; nothing was written.</source>
        <translation>任务已取消，未写入任何内容。</translation>
    </message>
    <message>
        <source>The layers go in a circle: the residual stream {0} is computed from itself.</source>
        <translation>各层首尾相接：残差流 {0} 由其自身计算得出。</translation>
    </message>
    <message>
        <source>The log has its output.</source>
        <translation>日志中有其输出。</translation>
    </message>
    <message>
        <source>The log has the details.</source>
        <translation>详情见日志。</translation>
    </message>
    <message>
        <source>The longest prompt takes {0} rounds of {1} tokens, more than the context of {2}.</source>
        <translation>最长的提示词需要 {0} 轮、每轮 {1} 个 token，超出 {2} 的上下文。</translation>
    </message>
    <message>
        <source>The model holds sparse weights, which are not supported.</source>
        <translation>模型含有稀疏权重，不受支持。</translation>
    </message>
    <message>
        <source>The model isn&apos;t running.</source>
        <translation>模型未在运行。</translation>
    </message>
    <message>
        <source>The model spec&apos;s max_positions is {0}, outside 0 to {1}.</source>
        <translation>模型规格的 max_positions 为 {0}，不在 0 到 {1} 之间。</translation>
    </message>
    <message>
        <source>The model spec&apos;s source_dtype {0} is unknown.</source>
        <translation>模型规格的 source_dtype {0} 未知。</translation>
    </message>
    <message>
        <source>The model spec&apos;s {0} is {1}, outside 1 to {2}.</source>
        <translation>模型规格的 {0} 为 {1}，不在 1 到 {2} 之间。</translation>
    </message>
    <message>
        <source>The model {0} doesn&apos;t exist.</source>
        <translation>模型 {0} 不存在。</translation>
    </message>
    <message>
        <source>The model&apos;s chat template can&apos;t be rendered: {0}.</source>
        <translation>无法渲染模型的对话模板：{0}。</translation>
    </message>
    <message>
        <source>The model&apos;s chat template refuses this conversation: {0}.</source>
        <translation>模型的对话模板拒绝此对话：{0}。</translation>
    </message>
    <message>
        <source>The model&apos;s local functions can&apos;t be inlined: {0}.</source>
        <translation>无法内联模型的本地函数：{0}。</translation>
    </message>
    <message>
        <source>The model&apos;s weights are quantised already (the graph has a {0} node).</source>
        <translation>模型的权重已被量化（图中有 {0} 节点）。</translation>
    </message>
    <message>
        <source>The numbers of {0} differ from a ChatGLM2-style model&apos;s: {1} is off by {2}, the limit is {3}.</source>
        <translation>{0} 的数值与 ChatGLM2 类模型不同：{1} 偏差 {2}，上限为 {3}。</translation>
    </message>
    <message>
        <source>The options for the C10 card have an unknown field.</source>
        <translation>C10 加速卡的选项中有未知字段。</translation>
    </message>
    <message>
        <source>The options for the C10 card hold something that is no whole number.</source>
        <translation>C10 加速卡的选项中有非整数的值。</translation>
    </message>
    <message>
        <source>The options for the cards have an unknown field or lack one.</source>
        <translation>卡的选项含有未知字段，或缺少字段。</translation>
    </message>
    <message>
        <source>The options for the cards hold something that is no whole number.</source>
        <translation>卡的选项中有不是整数的内容。</translation>
    </message>
    <message>
        <source>The output is not a linear layer with a stored weight, so it is no language model&apos;s.</source>
        <translation>输出不是带有存储权重的线性层，因此不是语言模型。</translation>
    </message>
    <message>
        <source>The output layer has a bias, which is not supported.</source>
        <translation>输出层带有偏置，不受支持。</translation>
    </message>
    <message>
        <source>The output {0} is one of the two parts.</source>
        <translation>输出 {0} 就是两个部分之一。</translation>
    </message>
    <message>
        <source>The package {0} {1} has no .gguf file.</source>
        <translation>软件包 {0} {1} 中没有 .gguf 文件。</translation>
    </message>
    <message>
        <source>The parts of the weight {0} have different widths.</source>
        <translation>权重 {0} 各部分的宽度不同。</translation>
    </message>
    <message>
        <source>The perplexity measurement was stopped.</source>
        <translation>困惑度测量已停止。</translation>
    </message>
    <message>
        <source>The pre length ({0}) must be smaller than the total length ({1}).</source>
        <translation>预填充长度（{0}）必须小于总长度（{1}）。</translation>
    </message>
    <message>
        <source>The pre length is {0}, but it must be at least 1.</source>
        <translation>预填充长度为 {0}，但至少应为 1。</translation>
    </message>
    <message>
        <source>The prompt has {0} tokens, but the engine&apos;s context holds {1} and needs one free.</source>
        <translation>提示词有 {0} 个 token，但引擎的上下文为 {1}，且需留出一个。</translation>
    </message>
    <message>
        <source>The prompt is empty.</source>
        <translation>提示词为空。</translation>
    </message>
    <message>
        <source>The queries are changed at position 0, where a rotary embedding changes nothing.</source>
        <translation>位置 0 的查询被改变了，而旋转位置编码在此处不应有变化。</translation>
    </message>
    <message>
        <source>The queries are not rotated as expected: {0}.</source>
        <translation>查询的旋转方式与预期不符：{0}。</translation>
    </message>
    <message>
        <source>The queries vanish on their way to the attention scores.</source>
        <translation>查询在计算注意力分数的途中消失了。</translation>
    </message>
    <message>
        <source>The question has bytes that are no text.</source>
        <translation>问题中含有非文本字节。</translation>
    </message>
    <message>
        <source>The question index is {0}, but there are {1} questions (0 to {2}).</source>
        <translation>问题序号为 {0}，但共有 {1} 个问题（0 到 {2}）。</translation>
    </message>
    <message>
        <source>The rotary embedding does not turn neighbouring features: it is not interleaved.</source>
        <translation>旋转位置编码没有旋转相邻特征：它不是交错式的。</translation>
    </message>
    <message>
        <source>The rotary embedding turns some pairs the other way round or not at all.</source>
        <translation>旋转位置编码对某些特征对反向旋转或不旋转。</translation>
    </message>
    <message>
        <source>The rotary embedding turns the other way round.</source>
        <translation>旋转位置编码的方向相反。</translation>
    </message>
    <message>
        <source>The rotary embedding turns {0} features only, too few to tell its theta.</source>
        <translation>旋转位置编码只旋转 {0} 个特征，太少而无法确定 theta。</translation>
    </message>
    <message>
        <source>The rotary frequencies are not the powers of one theta (about {0}): they are scaled.</source>
        <translation>旋转频率不是同一个 theta（约 {0}）的幂：它们被缩放了。</translation>
    </message>
    <message>
        <source>The section {0} begins at byte {1} instead of {2}.</source>
        <translation>区段 {0} 从第 {1} 字节开始，而不是 {2}。</translation>
    </message>
    <message>
        <source>The section {0} gets {1} bytes more than planned.</source>
        <translation>区段 {0} 比计划多 {1} 字节。</translation>
    </message>
    <message>
        <source>The section {0} lacks {1} bytes of those planned.</source>
        <translation>区段 {0} 比计划少 {1} 字节。</translation>
    </message>
    <message>
        <source>The section {0} was not planned.</source>
        <translation>区段 {0} 不在计划中。</translation>
    </message>
    <message>
        <source>The self-test of the new engine gave numbers that are not finite.</source>
        <translation>新引擎的自检得到了非有限的数值。</translation>
    </message>
    <message>
        <source>The size of an attention head can&apos;t be read off the graph (queries of shape {0}).</source>
        <translation>无法从图中读出注意力头的大小（查询的形状为 {0}）。</translation>
    </message>
    <message>
        <source>The split strategy is {0} and the largest batch {1}.</source>
        <translation>拆分策略为 {0}，最大批次为 {1}。</translation>
    </message>
    <message>
        <source>The split strategy is {0} and {1} jobs are to be in flight.</source>
        <translation>切分策略为 {0}，同时处理 {1} 个任务。</translation>
    </message>
    <message>
        <source>The static batch size is {0}, but it must lie between 1 and {1}.</source>
        <translation>静态批次为 {0}，但必须在 1 到 {1} 之间。</translation>
    </message>
    <message>
        <source>The tensor {0} depends on the weight {1} ({2} bytes) in a place where the model family has none.</source>
        <translation>张量 {0} 依赖权重 {1}（{2} 字节），而该模型系列在此处没有权重。</translation>
    </message>
    <message>
        <source>The tensor {0} would have {1} elements.</source>
        <translation>张量 {0} 将有 {1} 个元素。</translation>
    </message>
    <message>
        <source>The text has {0} tokens, but two are needed at least.</source>
        <translation>文本有 {0} 个 token，但至少需要两个。</translation>
    </message>
    <message>
        <source>The text {0} can&apos;t be read: {1}.</source>
        <translation>无法读取文本 {0}：{1}。</translation>
    </message>
    <message>
        <source>The tokenizer knows {0} tokens, but the model has only {1}.</source>
        <translation>分词器有 {0} 个 token，但模型只有 {1} 个。</translation>
    </message>
    <message>
        <source>The tokenizer {0} can&apos;t be read: {1}.</source>
        <translation>无法读取分词器 {0}：{1}。</translation>
    </message>
    <message>
        <source>The tokenizer.json can&apos;t be read: {0}.</source>
        <translation>无法读取 tokenizer.json：{0}。</translation>
    </message>
    <message>
        <source>The tokenizer.model is empty.</source>
        <translation>tokenizer.model 为空。</translation>
    </message>
    <message>
        <source>The tokenizer.model is no sentencepiece model.</source>
        <translation>tokenizer.model 不是 sentencepiece 模型。</translation>
    </message>
    <message>
        <source>The total length is {0}, but it must lie between 2 and {1} tokens.</source>
        <translation>总长度为 {0}，但必须在 2 到 {1} 个 token 之间。</translation>
    </message>
    <message>
        <source>The two parts differ in {0}: {1} and {2}.</source>
        <translation>两个部分的 {0} 不同：{1} 和 {2}。</translation>
    </message>
    <message>
        <source>The vendor&apos;s SDK compiles for the card, but nobody said where {0} is.</source>
        <translation>为加速卡编译需要厂商 SDK，但没有指明 {0} 的位置。</translation>
    </message>
    <message>
        <source>The vendor&apos;s compile script wasn&apos;t found: looked for {0}.</source>
        <translation>未找到厂商的编译脚本：查找了 {0}。</translation>
    </message>
    <message>
        <source>The vendor&apos;s compiler ended without an error, but didn&apos;t write {0}.</source>
        <translation>厂商的编译器正常结束，但没有写出 {0}。</translation>
    </message>
    <message>
        <source>The vendor&apos;s compiler leaves the output layer unquantised.</source>
        <translation>厂商的编译器不量化输出层。</translation>
    </message>
    <message>
        <source>The vendor&apos;s compiler {0}.</source>
        <translation>厂商的编译器出错：{0}。</translation>
    </message>
    <message>
        <source>The weight file {0} can&apos;t be opened: {1}.</source>
        <translation>无法打开权重文件 {0}：{1}。</translation>
    </message>
    <message>
        <source>The weight file {0} can&apos;t be read: {1}.</source>
        <translation>无法读取权重文件 {0}：{1}。</translation>
    </message>
    <message>
        <source>The weight file {0} is a hard link that {1} names share, so it may lie outside the model&apos;s folder.</source>
        <translation>权重文件 {0} 是由 {1} 个名称共享的硬链接，可能位于模型文件夹之外。</translation>
    </message>
    <message>
        <source>The weight file {0} is cut short: {1} bytes are needed, it has {2}.</source>
        <translation>权重文件 {0} 不完整：需要 {1} 字节，只有 {2} 字节。</translation>
    </message>
    <message>
        <source>The weight file {0} is missing: {1} bytes are needed, 0 found.</source>
        <translation>缺少权重文件 {0}：需要 {1} 字节，找到 0 字节。</translation>
    </message>
    <message>
        <source>The weight file {0} is not a regular file.</source>
        <translation>权重文件 {0} 不是普通文件。</translation>
    </message>
    <message>
        <source>The weight file {0} is reached through a symbolic link, which may lead out of the folder.</source>
        <translation>权重文件 {0} 经由符号链接访问，可能指向文件夹之外。</translation>
    </message>
    <message>
        <source>The weight {0} (stored as {1}) has {2} values that are NaN or infinite, the first in row {3}.</source>
        <translation>权重 {0}（存储为 {1}）有 {2} 个 NaN 或无穷大的值，首个在第 {3} 行。</translation>
    </message>
    <message>
        <source>The weight {0} has ONNX type {1}, not float32, float16 or bfloat16.</source>
        <translation>权重 {0} 的 ONNX 类型为 {1}，而不是 float32、float16 或 bfloat16。</translation>
    </message>
    <message>
        <source>The weight {0} has the {1} {2} in its external data, which is not a possible number of bytes.</source>
        <translation>权重 {0} 的外部数据中 {1} 为 {2}，不是可能的字节数。</translation>
    </message>
    <message>
        <source>The weight {0} has two entries {1} for its external data.</source>
        <translation>权重 {0} 的外部数据有两个 {1} 条目。</translation>
    </message>
    <message>
        <source>The limits of the cards allow {0} in all, and {1} of {2} parts of the model with {3} ({4} bytes) find no place.</source>
        <translation>各卡上限合计 {0}，模型 {2} 个部分中有 {1} 个（{3}，{4} 字节）放不下。</translation>
    </message>
    <message>
        <source>A card failed ({0}: {1}).</source>
        <translation>一张卡发生故障（{0}：{1}）。</translation>
    </message>
    <message>
        <source>A card was told something unknown.</source>
        <translation>卡收到了未知的指令。</translation>
    </message>
    <message>
        <source>The C10 SDK failed in {0}: {1}: {2}.</source>
        <translation>C10 SDK 在 {0} 中失败：{1}：{2}。</translation>
    </message>
    <message>
        <source>The weight {0} has {1} bytes of external data, but its shape needs {2}.</source>
        <translation>权重 {0} 有 {1} 字节外部数据，但其形状需要 {2} 字节。</translation>
    </message>
    <message>
        <source>The weight {0} is stored as {1} {2}, not as {3} {4}.</source>
        <translation>权重 {0} 存储为 {1} {2}，而不是 {3} {4}。</translation>
    </message>
    <message>
        <source>The weight {0} should have the shape {1}, but the graph has {2}.</source>
        <translation>权重 {0} 的形状应为 {1}，但图中是 {2}。</translation>
    </message>
    <message>
        <source>The weights digest doesn&apos;t match the weight sections.</source>
        <translation>权重摘要与权重区段不匹配。</translation>
    </message>
    <message>
        <source>The window is {0} tokens, but it must lie between 2 and the engine&apos;s context of {1}.</source>
        <translation>窗口为 {0} 个 token，但必须在 2 和引擎上下文 {1} 之间。</translation>
    </message>
    <message>
        <source>The worker can&apos;t be started: {0}.</source>
        <translation>无法启动工作进程：{0}。</translation>
    </message>
    <message>
        <source>The worker gave no answer.</source>
        <translation>工作进程没有应答。</translation>
    </message>
    <message>
        <source>The worker process crashed with signal {0} ({1}).</source>
        <translation>工作进程因信号 {0}（{1}）崩溃。</translation>
    </message>
    <message>
        <source>The worker process ended unexpectedly with exit code {0}.</source>
        <translation>工作进程意外结束，退出码 {0}。</translation>
    </message>
    <message>
        <source>The worker process has ended.</source>
        <translation>工作进程已结束。</translation>
    </message>
    <message>
        <source>The worker process was killed (signal 9), probably because memory ran out.</source>
        <translation>工作进程被强制结束（信号 9），可能是内存不足。</translation>
    </message>
    <message>
        <source>The worker process {0}, so it was ended.</source>
        <translation>工作进程违反协议（{0}），已被结束。</translation>
    </message>
    <message>
        <source>The worker sent a line that is no event.</source>
        <translation>工作进程发送了一行不是事件的内容。</translation>
    </message>
    <message>
        <source>The worker sent a {0} event that lacks a field.</source>
        <translation>工作进程发送的 {0} 事件缺少字段。</translation>
    </message>
    <message>
        <source>The worker sent a {0} event with unknown fields.</source>
        <translation>工作进程发送的 {0} 事件含有未知字段。</translation>
    </message>
    <message>
        <source>The worker was sent {0}.</source>
        <translation>发给工作进程的是 {0}。</translation>
    </message>
    <message>
        <source>The {0} digest is not 64 lower-case hex digits.</source>
        <translation>{0} 摘要不是 64 位小写十六进制数。</translation>
    </message>
    <message>
        <source>The {0} has a name that isn&apos;t allowed.</source>
        <translation>{0} 含有不允许的名称。</translation>
    </message>
    <message>
        <source>The {0} has a string with half a surrogate pair.</source>
        <translation>{0} 的字符串含有半个代理对。</translation>
    </message>
    <message>
        <source>The {0} has more than the {1} values that are allowed.</source>
        <translation>{0} 的值超过允许的 {1} 个。</translation>
    </message>
    <message>
        <source>The {0} has the dtype {1}, which this program doesn&apos;t know.</source>
        <translation>{0} 的数据类型 {1} 是本程序不认识的。</translation>
    </message>
    <message>
        <source>The {0} has the integer {1}..., beyond 63 bits.</source>
        <translation>{0} 含有整数 {1}…，超出 63 位。</translation>
    </message>
    <message>
        <source>The {0} has the key {1} twice.</source>
        <translation>{0} 中键 {1} 出现了两次。</translation>
    </message>
    <message>
        <source>The {0} has the number {1}, which is too large.</source>
        <translation>{0} 中的数 {1} 过大。</translation>
    </message>
    <message>
        <source>The {0} has the unknown field {1}.</source>
        <translation>{0} 有未知字段 {1}。</translation>
    </message>
    <message>
        <source>The {0} has {1} bytes, but its dtype and shape ask for {2}.</source>
        <translation>{0} 有 {1} 字节，但其类型和形状需要 {2} 字节。</translation>
    </message>
    <message>
        <source>The {0} has {1} bytes, more than the {2} that are allowed.</source>
        <translation>{0} 有 {1} 字节，超过允许的 {2} 字节。</translation>
    </message>
    <message>
        <source>The {0} has {1} characters, more than the {2} that are allowed.</source>
        <translation>{0} 有 {1} 个字符，超过允许的 {2} 个。</translation>
    </message>
    <message>
        <source>The {0} has {1} entries, more than the {2} that are allowed.</source>
        <translation>{0} 有 {1} 个条目，超过允许的 {2} 个。</translation>
    </message>
    <message>
        <source>The {0} has {1}, which is not JSON.</source>
        <translation>{0} 含有 {1}，不是 JSON。</translation>
    </message>
    <message>
        <source>The {0} is empty.</source>
        <translation>{0} 为空。</translation>
    </message>
    <message>
        <source>The {0} is nested more than {1} levels deep.</source>
        <translation>{0} 的嵌套超过 {1} 层。</translation>
    </message>
    <message>
        <source>The {0} is no weight but has a dtype or a shape.</source>
        <translation>{0} 不是权重，却有数据类型或形状。</translation>
    </message>
    <message>
        <source>The {0} is not a JSON list.</source>
        <translation>{0} 不是 JSON 列表。</translation>
    </message>
    <message>
        <source>The {0} is not a JSON object.</source>
        <translation>{0} 不是 JSON 对象。</translation>
    </message>
    <message>
        <source>The {0} is not valid JSON at character {1}: {2}.</source>
        <translation>{0} 在第 {1} 个字符处不是有效的 JSON：{2}。</translation>
    </message>
    <message>
        <source>The {0} is not valid JSON: {1}.</source>
        <translation>{0} 不是有效的 JSON：{1}。</translation>
    </message>
    <message>
        <source>The {0} is not valid UTF-8 at byte {1}.</source>
        <translation>{0} 在第 {1} 字节处不是有效的 UTF-8。</translation>
    </message>
    <message>
        <source>The {0} is {1}, but it must be {2}.</source>
        <translation>{0} 为 {1}，但必须为 {2}。</translation>
    </message>
    <message>
        <source>The {0} is {1}, not one of {2}.</source>
        <translation>{0} 为 {1}，不是 {2} 之一。</translation>
    </message>
    <message>
        <source>The {0} is {1}, outside {2} to {3}.</source>
        <translation>{0} 为 {1}，不在 {2} 到 {3} 之间。</translation>
    </message>
    <message>
        <source>The {0} is {1}, which is neither true nor false.</source>
        <translation>{0} 为 {1}，既不是 true 也不是 false。</translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not a number.</source>
        <translation>{0} 为 {1}，不是数字。</translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not a string.</source>
        <translation>{0} 为 {1}，不是字符串。</translation>
    </message>
    <message>
        <source>The {0} is {1}, which is not an integer.</source>
        <translation>{0} 为 {1}，不是整数。</translation>
    </message>
    <message>
        <source>The {0} lacks or doesn&apos;t know the field {1}.</source>
        <translation>{0} 缺少或不认识字段 {1}。</translation>
    </message>
    <message>
        <source>The {0} lacks the field {1}.</source>
        <translation>{0} 缺少字段 {1}。</translation>
    </message>
    <message>
        <source>The {0}&apos;s {1} is {2}, which is not a {3}.</source>
        <translation>{0} 的 {1} 为 {2}，不是 {3}。</translation>
    </message>
    <message>
        <source>There is neither a {0} nor a {1}.</source>
        <translation>既没有 {0}，也没有 {1}。</translation>
    </message>
    <message>
        <source>There is no RMS norm right before the output layer.</source>
        <translation>输出层之前没有 RMS 归一化。</translation>
    </message>
    <message>
        <source>There is no card to place layers on.</source>
        <translation>没有可放置各层的加速卡。</translation>
    </message>
    <message>
        <source>There is no container {0}: docker said {1}.</source>
        <translation>没有容器 {0}：docker 返回 {1}。</translation>
    </message>
    <message>
        <source>There is no decoder layer before the final norm.</source>
        <translation>最终归一化之前没有解码层。</translation>
    </message>
    <message>
        <source>There is no file {0}.</source>
        <translation>文件 {0} 不存在。</translation>
    </message>
    <message>
        <source>There is no prompt.</source>
        <translation>没有提示词。</translation>
    </message>
    <message>
        <source>This engine was compiled for a processor with {0}; its code was compiled again for this one.</source>
        <translation>此引擎是为带有 {0} 的处理器编译的；已为本机重新编译其代码。</translation>
    </message>
    <message>
        <source>This program doesn&apos;t recognise the model ({0}); the vendor&apos;s compiler may.</source>
        <translation>本程序无法识别该模型（{0}）；厂商的编译器或许可以。</translation>
    </message>
    <message>
        <source>Token {0} is outside the model&apos;s vocabulary of {1}.</source>
        <translation>token {0} 超出模型 {1} 的词表。</translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation>请重试。</translation>
    </message>
    <message>
        <source>Try again; the log has its last lines.</source>
        <translation>请重试；日志中有它最后的输出。</translation>
    </message>
    <message>
        <source>Unpacking was stopped.</source>
        <translation>解压已停止。</translation>
    </message>
    <message>
        <source>Update this program, or compile the model again with it.</source>
        <translation>请更新本程序，或用本程序重新编译模型。</translation>
    </message>
    <message>
        <source>Use --base-length {0}.</source>
        <translation>请使用 --base-length {0}。</translation>
    </message>
    <message>
        <source>Use --device 0 to {0}.</source>
        <translation>请使用 --device 0 到 {0}。</translation>
    </message>
    <message>
        <source>Use --device 0, or 0,1.</source>
        <translation>请使用 --device 0 或 0,1。</translation>
    </message>
    <message>
        <source>Use --device 0,1.</source>
        <translation>请使用 --device 0,1。</translation>
    </message>
    <message>
        <source>Use --question-from 2 for one question a line.</source>
        <translation>每行一个问题时请使用 --question-from 2。</translation>
    </message>
    <message>
        <source>Use --static-batch-size {0}.</source>
        <translation>请使用 --static-batch-size {0}。</translation>
    </message>
    <message>
        <source>Use 0, 1 or 2, and at least 1.</source>
        <translation>请使用 0、1 或 2，且至少为 1。</translation>
    </message>
    <message>
        <source>Use it with the c10 target; the CPU needs an engine compiled for it.</source>
        <translation>请在 c10 目标上使用；CPU 需要为其编译的引擎。</translation>
    </message>
    <message>
        <source>Use letters, digits, &apos;-&apos; and &apos;_&apos;.</source>
        <translation>请使用字母、数字、“-”和“_”。</translation>
    </message>
    <message>
        <source>Use strategy 0, 1 or 2, and 1 to {0} jobs.</source>
        <translation>请使用策略 0、1 或 2，任务数为 1 到 {0}。</translation>
    </message>
    <message>
        <source>Use the CPU, or look at Devices for what is missing.</source>
        <translation>请使用 CPU，或在“设备”页查看缺少什么。</translation>
    </message>
    <message>
        <source>Use the model&apos;s own tokenizer.</source>
        <translation>请使用模型自带的分词器。</translation>
    </message>
    <message>
        <source>Use the tokenizer that came with this model.</source>
        <translation>请使用随此模型提供的分词器。</translation>
    </message>
    <message>
        <source>Wait for it to end.</source>
        <translation>请等待其结束。</translation>
    </message>
    <message>
        <source>{0} ({1} bytes) are needed in {2}, but only {3} ({4} bytes) are free.</source>
        <translation>{2} 中需要 {0}（{1} 字节），但只有 {3}（{4} 字节）可用。</translation>
    </message>
    <message>
        <source>{0} DRAM limits were given for {1} devices.</source>
        <translation>为 {1} 个设备给出了 {0} 个显存上限。</translation>
    </message>
    <message>
        <source>{0} adds its attention result to another tensor than the one that it normalised.</source>
        <translation>{0} 把注意力结果加到了并非被归一化的张量上。</translation>
    </message>
    <message>
        <source>{0} adds its feed-forward result to another tensor than the one that it normalised.</source>
        <translation>{0} 把前馈结果加到了并非被归一化的张量上。</translation>
    </message>
    <message>
        <source>{0} can&apos;t be opened: {1}.</source>
        <translation>无法打开 {0}：{1}。</translation>
    </message>
    <message>
        <source>{0} can&apos;t be read: {1}.</source>
        <translation>无法读取 {0}：{1}。</translation>
    </message>
    <message>
        <source>{0} can&apos;t be seen in the container {1}, which has these folders: {2}.</source>
        <translation>容器 {1} 中看不到 {0}，它挂载了这些文件夹：{2}。</translation>
    </message>
    <message>
        <source>{0} can&apos;t be {1}: {2}.</source>
        <translation>无法处理 {0}（{1}）：{2}。</translation>
    </message>
    <message>
        <source>{0} doesn&apos;t exist.</source>
        <translation>{0} 不存在。</translation>
    </message>
    <message>
        <source>{0} ends at byte {1}, {2} bytes too early.</source>
        <translation>{0} 在第 {1} 字节处结束，少了 {2} 字节。</translation>
    </message>
    <message>
        <source>{0} exists already and is not an empty folder.</source>
        <translation>{0} 已存在且不是空文件夹。</translation>
    </message>
    <message>
        <source>{0} has a bias in its {1}, which is not supported.</source>
        <translation>{0} 的 {1} 带有偏置，不受支持。</translation>
    </message>
    <message>
        <source>{0} has changed its size since it was opened.</source>
        <translation>{0} 打开后大小发生了变化。</translation>
    </message>
    <message>
        <source>{0} has data in the padding at byte {1}.</source>
        <translation>{0} 在第 {1} 字节的填充区中有数据。</translation>
    </message>
    <message>
        <source>{0} has neither a {1} nor a {2}.</source>
        <translation>{0} 既没有 {1}，也没有 {2}。</translation>
    </message>
    <message>
        <source>{0} has no RMS norm before its gate and up projections.</source>
        <translation>{0} 的 gate 和 up 投影之前没有 RMS 归一化。</translation>
    </message>
    <message>
        <source>{0} has no RMS norm before its query, key and value projections.</source>
        <translation>{0} 的 query、key、value 投影之前没有 RMS 归一化。</translation>
    </message>
    <message>
        <source>{0} has no activation between its up and down projections.</source>
        <translation>{0} 的 up 和 down 投影之间没有激活函数。</translation>
    </message>
    <message>
        <source>{0} has no attention (no softmax over products of queries and keys).</source>
        <translation>{0} 没有注意力（没有对 query 与 key 乘积的 softmax）。</translation>
    </message>
    <message>
        <source>{0} has no attention whose result is added to the residual stream.</source>
        <translation>{0} 没有将结果加到残差流的注意力。</translation>
    </message>
    <message>
        <source>{0} has no gated feed-forward part (gate, up, down).</source>
        <translation>{0} 没有门控前馈部分（gate、up、down）。</translation>
    </message>
    <message>
        <source>{0} has no list of texts called &quot;question&quot;.</source>
        <translation>{0} 没有名为 “question” 的文本列表。</translation>
    </message>
    <message>
        <source>{0} has no question.</source>
        <translation>{0} 中没有问题。</translation>
    </message>
    <message>
        <source>{0} has no section {1}.</source>
        <translation>{0} 没有区段 {1}。</translation>
    </message>
    <message>
        <source>{0} has the activation {1} where SiLU is expected.</source>
        <translation>{0} 的激活函数是 {1}，而应为 SiLU。</translation>
    </message>
    <message>
        <source>{0} has {1} bytes, but an ONNX file can&apos;t be larger than {2}.</source>
        <translation>{0} 有 {1} 字节，但 ONNX 文件不能超过 {2} 字节。</translation>
    </message>
    <message>
        <source>{0} has {1} nodes, more than the {2} that are supported.</source>
        <translation>{0} 有 {1} 个节点，超过所支持的 {2} 个。</translation>
    </message>
    <message>
        <source>{0} heads can&apos;t be shared by {1} key/value groups.</source>
        <translation>{0} 个头无法由 {1} 个 key/value 组共享。</translation>
    </message>
    <message>
        <source>{0} holds a malformed graph ({1}: {2}).</source>
        <translation>{0} 中的图格式错误（{1}：{2}）。</translation>
    </message>
    <message>
        <source>{0} holds code of calling convention {1}, but this program calls code by convention {2}.</source>
        <translation>{0} 中的代码使用调用约定 {1}，而本程序按调用约定 {2} 调用代码。</translation>
    </message>
    <message>
        <source>{0} holds {1} files named model.onnx, not one.</source>
        <translation>{0} 中有 {1} 个名为 model.onnx 的文件，而不是一个。</translation>
    </message>
    <message>
        <source>{0} is a combined (multi) engine already.</source>
        <translation>{0} 已经是合并后的（multi）引擎。</translation>
    </message>
    <message>
        <source>{0} is a folder, not the list of engines that may run.</source>
        <translation>{0} 是文件夹，而不是可运行引擎的列表。</translation>
    </message>
    <message>
        <source>{0} is a folder, so no file can be written there.</source>
        <translation>{0} 是文件夹，无法在那里写入文件。</translation>
    </message>
    <message>
        <source>{0} is being fetched by another process.</source>
        <translation>另一个进程正在下载 {0}。</translation>
    </message>
    <message>
        <source>{0} is closed already.</source>
        <translation>{0} 已经关闭。</translation>
    </message>
    <message>
        <source>{0} is larger than {1} GiB.</source>
        <translation>{0} 超过 {1} GiB。</translation>
    </message>
    <message>
        <source>{0} is larger than {1} MiB, so it is no tokenizer.</source>
        <translation>{0} 超过 {1} MiB，因此不是分词器。</translation>
    </message>
    <message>
        <source>{0} is larger than {1} MiB.</source>
        <translation>{0} 超过 {1} MiB。</translation>
    </message>
    <message>
        <source>{0} is not UTF-8 text.</source>
        <translation>{0} 不是 UTF-8 文本。</translation>
    </message>
    <message>
        <source>{0} is not a file name.</source>
        <translation>{0} 不是文件名。</translation>
    </message>
    <message>
        <source>{0} is not a regular file.</source>
        <translation>{0} 不是普通文件。</translation>
    </message>
    <message>
        <source>{0} is not an ONNX model, or it is cut short: its {1} bytes can&apos;t be parsed.</source>
        <translation>{0} 不是 ONNX 模型，或不完整：其 {1} 字节无法解析。</translation>
    </message>
    <message>
        <source>{0} is not an ONNX model: it holds no graph.</source>
        <translation>{0} 不是 ONNX 模型：其中没有图。</translation>
    </message>
    <message>
        <source>{0} is not an http or https address.</source>
        <translation>{0} 不是 http 或 https 地址。</translation>
    </message>
    <message>
        <source>{0} is not valid JSON: {1}.</source>
        <translation>{0} 不是有效的 JSON：{1}。</translation>
    </message>
    <message>
        <source>{0} is only the {1} part of an engine.</source>
        <translation>{0} 只是引擎的 {1} 部分。</translation>
    </message>
    <message>
        <source>{0} limits were given for {1} cards.</source>
        <translation>给出了 {0} 个上限，但有 {1} 张卡。</translation>
    </message>
    <message>
        <source>{0} needs {1} of memory ({2} bytes), but {3} ({4} bytes) are {5}.</source>
        <translation>{0} 需要 {1} 内存（{2} 字节），但只有 {3}（{4} 字节，{5}）。</translation>
    </message>
    <message>
        <source>{0} prompts came for {1} rows.</source>
        <translation>{1} 行收到了 {0} 个提示词。</translation>
    </message>
    <message>
        <source>{0} query features and {1} key features are no whole heads of {2} features.</source>
        <translation>{0} 个 query 特征和 {1} 个 key 特征不是 {2} 维头的整数倍。</translation>
    </message>
    <message>
        <source>{0} tokens don&apos;t fit the context of {1}.</source>
        <translation>{0} 个 token 放不进 {1} 的上下文。</translation>
    </message>
    <message>
        <source>{0} was compiled before engines could be spread over several cards.</source>
        <translation>{0} 是在引擎支持分布到多张卡之前编译的。</translation>
    </message>
    <message>
        <source>{0} was compiled for the CPU, not for the C10 card.</source>
        <translation>{0} 是为 CPU 编译的，而不是 C10 加速卡。</translation>
    </message>
    <message>
        <source>{0}: its queries, keys and values don&apos;t come from one projection each.</source>
        <translation>{0}：其 query、key、value 并非各来自一个投影。</translation>
    </message>
    <message>
        <source>{0}: only two of its query, key and value projections are fused.</source>
        <translation>{0}：其 query、key、value 投影中只融合了两个。</translation>
    </message>
    <message>
        <source>{0}: the digest of the section {1} doesn&apos;t match: the file is damaged.</source>
        <translation>{0}：区段 {1} 的摘要不匹配：文件已损坏。</translation>
    </message>
    <message>
        <source>{0}: the section {1} is a {2}, not a weight.</source>
        <translation>{0}：区段 {1} 是 {2}，不是权重。</translation>
    </message>
    <message>
        <source>Check that its service runs and that you are in the group docker, or run the command with sudo.</source>
        <translation>请检查其服务是否在运行、您是否在 docker 用户组中，或用 sudo 运行该命令。</translation>
    </message>
    <message>
        <source>It fits with a limit of {0} on each card.</source>
        <translation>把每张卡的上限设为 {0} 即可放下。</translation>
    </message>
    <message>
        <source>It fits with one more card of {0}.</source>
        <translation>再加一张 {0} 的卡即可放下。</translation>
    </message>
    <message>
        <source>It fits with {0} more cards of {1}.</source>
        <translation>再加 {0} 张 {1} 的卡即可放下。</translation>
    </message>
    <message>
        <source>The cards that are left can&apos;t go on.</source>
        <translation>剩下的卡无法继续。</translation>
    </message>
    <message>
        <source>The command failed: {0}.</source>
        <translation>命令失败：{0}。</translation>
    </message>
    <message>
        <source>The options for the C10 card name an SDK that is no text.</source>
        <translation>C10 卡选项中的 SDK 名称不是文本。</translation>
    </message>
    <message>
        <source>The text so far is kept; the CPU can go on without cards.</source>
        <translation>已生成的文字已保留；可以不用卡，改由 CPU 继续。</translation>
    </message>
    <message>
        <source>Card {0} is gone: its process has ended.</source>
        <translation>卡 {0} 已失联：其进程已结束。</translation>
    </message>
    <message>
        <source>Card {0} is gone: its process was ended by signal {1}.</source>
        <translation>卡 {0} 已失联：其进程被信号 {1} 终止。</translation>
    </message>
    <message>
        <source>It goes on with card {0}.</source>
        <translation>将由卡 {0} 继续。</translation>
    </message>
    <message>
        <source>It goes on with cards {0}.</source>
        <translation>将由卡 {0} 继续。</translation>
    </message>
    <message>
        <source>If you trust where it comes from, allow it once: with --trust, or when the window asks.</source>
        <translation>如果您信任其来源，请允许一次：使用 --trust，或在窗口询问时同意。</translation>
    </message>
    <message>
        <source>The list of trusted engines has {0} in place of a digest.</source>
        <translation>可信引擎列表中应为摘要处却是 {0}。</translation>
    </message>
    <message>
        <source>The list of trusted engines is no JSON object, or too long.</source>
        <translation>可信引擎列表不是 JSON 对象，或过长。</translation>
    </message>
    <message>
        <source>{0} was not built on this computer. An engine holds a program, which runs with all rights of this user.</source>
        <translation>{0} 不是在本机编译的。引擎中含有程序，它将以当前用户的全部权限运行。</translation>
    </message>
    <message>
        <source>There is no tokenizer beside the model, so the engine can&apos;t be asked in words. Compile with --tokenizer and the model&apos;s own, or give it to infer.</source>
        <translation>模型旁没有分词器，因此无法用文字向引擎提问。请在编译时用 --tokenizer 指定模型自带的分词器，或在 infer 时指定。</translation>
    </message>
    <message>
        <source>Choose the ONNX file it was made of.</source>
        <translation>请选择编译它所用的 ONNX 文件。</translation>
    </message>
    <message>
        <source>Compile it with one.</source>
        <translation>请带分词器编译。</translation>
    </message>
    <message>
        <source>Explain to a ten-year-old how a computer chip can write text.</source>
        <translation>请向一个十岁的孩子解释计算机芯片怎么能写出文字。</translation>
    </message>
    <message>
        <source>Introduce yourself in three sentences.</source>
        <translation>请用三句话介绍一下你自己。</translation>
    </message>
    <message>
        <source>Measuring the quality needs {0} of memory, but {1} are free.</source>
        <translation>测量质量需要 {0} 内存，但只有 {1} 空闲。</translation>
    </message>
    <message>
        <source>Measuring the quality was stopped.</source>
        <translation>质量测量已停止。</translation>
    </message>
    <message>
        <source>Plan a perfect day in a city by the sea: morning, afternoon and evening.</source>
        <translation>请安排在海边城市的完美一天：上午、下午和晚上。</translation>
    </message>
    <message>
        <source>Split the text first.</source>
        <translation>请先拆分文字。</translation>
    </message>
    <message>
        <source>The engine has no tokenizer, so its quality can&apos;t be measured.</source>
        <translation>引擎没有分词器，无法测量质量。</translation>
    </message>
    <message>
        <source>The title {0} leaves no room for text.</source>
        <translation>标题 {0} 没有给正文留下空间。</translation>
    </message>
    <message>
        <source>The {0} has the number {1}, which can&apos;t be.</source>
        <translation>{0} 里有不可能的数字 {1}。</translation>
    </message>
    <message>
        <source>The {0} lists no layers or no answers.</source>
        <translation>{0} 没有列出层或回答。</translation>
    </message>
    <message>
        <source>Use a shorter one.</source>
        <translation>请用短一些的。</translation>
    </message>
    <message>
        <source>{0} bytes don&apos;t fit into one QR code.</source>
        <translation>{0} 字节放不进一个二维码。</translation>
    </message>
    <message>
        <source>{0} isn&apos;t the model of {1}: its layers have other sizes.</source>
        <translation>{0} 不是 {1} 的模型：各层大小不同。</translation>
    </message>
    <message>
        <source>Wait for it to end, or choose another name.</source>
        <translation>请等待其结束，或另选一个名称。</translation>
    </message>
    <message>
        <source>{0} is being written by another job already.</source>
        <translation>{0} 正由另一个任务写入。</translation>
    </message>
    <message>
        <source>It fits with an int8 KV cache.</source>
        <translation>改用 int8 的 KV 缓存即可放下。</translation>
    </message>
    <message>
        <source>The vendor&apos;s compiler has no int8 KV cache.</source>
        <translation>厂商的编译器没有 int8 KV 缓存。</translation>
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
    <name>Curtain</name>
    <message>
        <source>Is anybody there?</source>
        <translation>还有人在吗？</translation>
    </message>
    <message>
        <source>Touch the screen to go on. Otherwise everything here is wiped for the next visitor.</source>
        <translation>轻触屏幕即可继续。否则这里的全部内容将为下一位访客清除。</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>In visitor mode nothing outside of this window is opened.</source>
        <translation>访客模式下不会打开本窗口以外的任何内容。</translation>
    </message>
    <message>
        <source>New visitor</source>
        <translation>新访客</translation>
    </message>
    <message>
        <source>Wipe everything for a new visitor?</source>
        <translation>为新访客清除全部内容？</translation>
    </message>
    <message>
        <source>The open conversation is deleted, from the disk too. Earlier conversations stay.</source>
        <translation>当前对话将被删除，磁盘上的文件也一并删除。更早的对话会保留。</translation>
    </message>
    <message>
        <source>Wipe</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>DetailsDialog</name>
    <message>
        <source>Sections of the file</source>
        <translation>文件中的段</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>段</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Verify digests</source>
        <translation>校验摘要</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Every byte of the file is being checked …</source>
        <translation>正在校验文件的每个字节……</translation>
    </message>
    <message>
        <source>Every digest is right: the file is as it was written.</source>
        <translation>所有摘要都正确：文件与写入时一致。</translation>
    </message>
    <message>
        <source>Copy or compile the engine again.</source>
        <translation>请重新复制或编译该引擎。</translation>
    </message>
    <message>
        <source>Holds</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>total {0}, pre {1}</source>
        <translation>总长度 {0}，预填充 {1}</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>{0} features</source>
        <translation>{0} 个特征</translation>
    </message>
    <message>
        <source>Prompt format</source>
        <translation>提示格式</translation>
    </message>
    <message>
        <source>tokenizer: {0}</source>
        <translation>分词器：{0}</translation>
    </message>
    <message>
        <source>Made for</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>by C10 Panel {0}, TVM {1}</source>
        <translation>由 C10 控制台 {0}、TVM {1} 生成</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>keys and values of the context</source>
        <translation>上下文的键和值</translation>
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
    <name>EngineActions</name>
    <message>
        <source>Remove an engine</source>
        <translation>删除引擎</translation>
    </message>
    <message>
        <source>Remove {0}?</source>
        <translation>要删除 {0} 吗？</translation>
    </message>
    <message>
        <source>The file with {0} is deleted from the disk. This can&apos;t be undone.</source>
        <translation>将从磁盘删除这个 {0} 的文件，此操作无法撤销。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>保留</translation>
    </message>
</context>
<context>
    <name>EngineCard</name>
    <message>
        <source>loaded</source>
        <translation>已加载</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>试一试</translation>
    </message>
    <message>
        <source>Combine</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>More actions for {0}</source>
        <translation>{0} 的更多操作</translation>
    </message>
    <message>
        <source>Verify digests</source>
        <translation>校验摘要</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>删除……</translation>
    </message>
    <message>
        <source>Another program&apos;s format</source>
        <translation>其他程序的格式</translation>
    </message>
    <message>
        <source>Damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>Can&apos;t be run</source>
        <translation>无法运行</translation>
    </message>
    <message>
        <source>From elsewhere</source>
        <translation>外来引擎</translation>
    </message>
    <message>
        <source>It was not built on this computer and has not been approved: you are asked before it runs.</source>
        <translation>它不是在本机编译的，也未经批准：运行前会先询问您。</translation>
    </message>
    <message>
        <source>Batch {0} · total length {1} · pre length {2}</source>
        <translation>批大小 {0} · 总长度 {1} · 预填充长度 {2}</translation>
    </message>
    <message>
        <source>Needs {0} to answer</source>
        <translation>问答需要 {0} 内存</translation>
    </message>
    <message>
        <source>no tokenizer, token ids only</source>
        <translation>没有分词器，只能使用 token 编号</translation>
    </message>
    <message>
        <source>For the C10 card</source>
        <translation>用于 C10 卡</translation>
    </message>
    <message>
        <source>Quality: perplexity {0}, {1} tokens like the original</source>
        <translation>质量：困惑度 {0}，{1} 个 token 与原模型相同</translation>
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
        <translation>按概率随机抽取下一 个 token，而不是取最可能的</translation>
    </message>
    <message>
        <source>Constant output</source>
        <translation>持续输出</translation>
    </message>
    <message>
        <source>Go on after the model&apos;s end, until the limit of new tokens</source>
        <translation>模型结束后仍继续，直到新 token 上限</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Higher is more surprising; 0 takes the likeliest token</source>
        <translation>越高越出人意料；0 取最可能的 token</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Keep the likeliest tokens that together reach this probability</source>
        <translation>保留累计概率达到该值的最可能的 token</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Keep this many of the likeliest tokens</source>
        <translation>保留这么多个最可能的 token</translation>
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
        <translation>新 token 上限</translation>
    </message>
    <message>
        <source>The answer ends after this many tokens</source>
        <translation>回答达到这么多 token 后结束</translation>
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
    <name>Figures</name>
    <message>
        <source>{0} of {1} tokens</source>
        <translation>{0} / {1} 个 token</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>首个 token 用时</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>新 token</translation>
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
        <source>{0} of {1} reused</source>
        <translation>复用 {0} / {1}</translation>
    </message>
</context>
<context>
    <name>FitPiece</name>
    <message>
        <source>Fit preview</source>
        <translation>装载预览</translation>
    </message>
    <message>
        <source>What lands where: every layer is placed by the same plan that loads engines.</source>
        <translation>什么落在哪里：每一层都由装载引擎的同一个规划来放置。</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Total length</source>
        <translation>总长度</translation>
    </message>
    <message>
        <source>Pre length</source>
        <translation>预填充长度</translation>
    </message>
    <message>
        <source>Cards</source>
        <translation>卡数</translation>
    </message>
    <message>
        <source>DRAM limit of each</source>
        <translation>每卡 DRAM 上限</translation>
    </message>
    <message>
        <source>Greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>Equal</source>
        <translation>均分</translation>
    </message>
    <message>
        <source>Loose</source>
        <translation>宽松</translation>
    </message>
    <message>
        <source>Card {0}</source>
        <translation>卡 {0}</translation>
    </message>
    <message>
        <source>in</source>
        <translation>入</translation>
    </message>
    <message>
        <source>out</source>
        <translation>出</translation>
    </message>
    <message>
        <source>These find no place:</source>
        <translation>这些放不下：</translation>
    </message>
    <message>
        <source>Layers over the cards</source>
        <translation>各层在卡上的分布</translation>
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
        <source>Predicted against actual</source>
        <translation>预测与实际</translation>
    </message>
    <message>
        <source>Example: ChatGLM2-6B (no engine is loaded)</source>
        <translation>示例：ChatGLM2-6B（未加载引擎）</translation>
    </message>
    <message>
        <source>{0} · {1} layers · {2}</source>
        <translation>{0} · {1} 层 · {2}</translation>
    </message>
    <message>
        <source>It doesn&apos;t fit</source>
        <translation>放不下</translation>
    </message>
    <message>
        <source>It fits: {0} of {1}</source>
        <translation>放得下：{0} / {1}</translation>
    </message>
    <message>
        <source>Predicted</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Actual</source>
        <translation>实际</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差异</translation>
    </message>
    <message>
        <source>Of the engine that is loaded now; predicted by the plan, actual as the workers report it.</source>
        <translation>针对当前加载的引擎；预测来自规划，实际值由工作进程报告。</translation>
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
        <translation>token/秒</translation>
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
        <translation>token</translation>
    </message>
    <message>
        <source>worker</source>
        <translation>工作进程</translation>
    </message>
</context>
<context>
    <name>Greeting</name>
    <message>
        <source>Welcome</source>
        <translation>欢迎使用</translation>
    </message>
    <message>
        <source>Below is what this machine has. The included demo model answers without network and without a card.</source>
        <translation>下面是本机的情况。随附的演示模型无需网络、无需加速卡即可回答。</translation>
    </message>
    <message>
        <source>Try it now</source>
        <translation>立即体验</translation>
    </message>
</context>
<context>
    <name>GuideDialog</name>
    <message>
        <source>Operator&apos;s guide</source>
        <translation>操作员指南</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
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
    <name>Invitation</name>
    <message>
        <source>A language model, on this machine</source>
        <translation>语言模型，就在这台机器上</translation>
    </message>
    <message>
        <source>Getting the model ready</source>
        <translation>正在准备模型</translation>
    </message>
    <message>
        <source>Opening the engine …</source>
        <translation>正在打开引擎 …</translation>
    </message>
    <message>
        <source>This engine has no tokenizer</source>
        <translation>该引擎没有分词器</translation>
    </message>
    <message>
        <source>The model isn&apos;t running</source>
        <translation>模型没有在运行</translation>
    </message>
    <message>
        <source>Ask it something</source>
        <translation>问它点什么吧</translation>
    </message>
    <message>
        <source>The demo model is included. It is compiled for this processor once, in about a minute.</source>
        <translation>演示模型已随附。只需为本机处理器编译一次，约一分钟。</translation>
    </message>
    <message>
        <source>It is compiled for this processor. Only the first start takes this time.</source>
        <translation>正在为本机处理器编译。只有第一次启动需要这段时间。</translation>
    </message>
    <message>
        <source>It can&apos;t be asked in words. Use the demo model, or choose another engine.</source>
        <translation>无法用文字向它提问。请使用演示模型，或选择其他引擎。</translation>
    </message>
    <message>
        <source>Touch a question, or press Start. The answer is computed here, without the internet.</source>
        <translation>轻触一个问题，或按“开始”。答案就在这台机器上算出，无需联网。</translation>
    </message>
    <message>
        <source>Try with the built-in demo model</source>
        <translation>试用内置演示模型</translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation>重新加载</translation>
    </message>
    <message>
        <source>Ask a question of your own</source>
        <translation>问一个自己的问题</translation>
    </message>
</context>
<context>
    <name>JobCard</name>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
</context>
<context>
    <name>Keypad</name>
    <message>
        <source>Take the last digit back</source>
        <translation>删除最后一位</translation>
    </message>
</context>
<context>
    <name>LaneCard</name>
    <message>
        <source>{0} tok/s</source>
        <translation>{0} token/秒</translation>
    </message>
    <message>
        <source>{0} tokens in {1} s</source>
        <translation>{0} 个 token，用时 {1} 秒</translation>
    </message>
    <message>
        <source>The reference</source>
        <translation>参照</translation>
    </message>
    <message>
        <source>Differs from {0} from token {1} on</source>
        <translation>从第 {1} 个 token 起与 {0} 不同</translation>
    </message>
    <message>
        <source>Token for token like {0}</source>
        <translation>每个 token 都与 {0} 相同</translation>
    </message>
    <message>
        <source>Like {0} so far</source>
        <translation>到目前为止与 {0} 相同</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Close C10 Panel</source>
        <translation>关闭 C10 控制台</translation>
    </message>
    <message>
        <source>Close the window?</source>
        <translation>要关闭窗口吗？</translation>
    </message>
    <message>
        <source>End it and close</source>
        <translation>终止并关闭</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>留在这里</translation>
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
        <translation>选择 ONNX 模型</translation>
    </message>
    <message>
        <source>ONNX models (*.onnx)</source>
        <translation>ONNX 模型 (*.onnx)</translation>
    </message>
    <message>
        <source>Used before</source>
        <translation>最近使用</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Choose the model&apos;s tokenizer</source>
        <translation>选择模型的分词器</translation>
    </message>
    <message>
        <source>Tokenizers (tokenizer.model tokenizer.json)</source>
        <translation>分词器 (tokenizer.model tokenizer.json)</translation>
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
    <name>NewPinDialog</name>
    <message>
        <source>New PIN</source>
        <translation>新 PIN 码</translation>
    </message>
    <message>
        <source>{0} to {1} digits. Visitors need it to leave the show; nobody can tell it to you later.</source>
        <translation>{0} 到 {1} 位数字。离开演示需要它；忘记后无人能够找回。</translation>
    </message>
    <message>
        <source>New PIN, once more</source>
        <translation>请再输入一次新 PIN 码</translation>
    </message>
    <message>
        <source>The two were different. Begin again.</source>
        <translation>两次输入不一致，请重新开始。</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>C10 Panel crashed last time. “Save report” on the Health page packs what was written down.</source>
        <translation>C10 控制台上次崩溃了。“健康”页上的“保存报告”会打包当时的记录。</translation>
    </message>
    <message>
        <source>C10 Panel was ended unexpectedly last time. What was saved until then is all there.</source>
        <translation>C10 控制台上次被意外结束。此前已保存的内容都还在。</translation>
    </message>
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
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>OperatorDialog</name>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Edit the questions</source>
        <translation>编辑问题</translation>
    </message>
    <message>
        <source>Run the questions by themselves when nobody is there</source>
        <translation>无人时自动播放这些问题</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <source>Idle time until then</source>
        <translation>等待的空闲时间</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>End visitor mode</source>
        <translation>结束访客模式</translation>
    </message>
    <message>
        <source>Begin visitor mode</source>
        <translation>开始访客模式</translation>
    </message>
    <message>
        <source>Change the PIN</source>
        <translation>更改 PIN 码</translation>
    </message>
    <message>
        <source>Set a PIN</source>
        <translation>设置 PIN 码</translation>
    </message>
    <message>
        <source>Remove the watchdog</source>
        <translation>移除看门狗</translation>
    </message>
    <message>
        <source>Install the watchdog</source>
        <translation>安装看门狗</translation>
    </message>
    <message>
        <source>Don&apos;t start at login</source>
        <translation>登录时不启动</translation>
    </message>
    <message>
        <source>Start at login</source>
        <translation>登录时启动</translation>
    </message>
    <message>
        <source>Visitor mode</source>
        <translation>访客模式</translation>
    </message>
    <message>
        <source>The window fills the screen, Compile, Devices and Expert need the PIN, and nothing that visitors type or read is written to the disk.</source>
        <translation>窗口占满屏幕，编译、设备和专家选项需要 PIN 码，访客输入或看到的内容一律不写入磁盘。</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Up to four questions, in both languages, each with its engine and sampling.</source>
        <translation>最多四个问题，中英文各一份，可分别指定引擎和采样方式。</translation>
    </message>
    <message>
        <source>When nobody is there</source>
        <translation>无人时</translation>
    </message>
    <message>
        <source>An unfinished visit is wiped after a countdown of ten seconds, never during an answer.</source>
        <translation>未结束的访问会在十秒倒计时后清除，回答进行中绝不清除。</translation>
    </message>
    <message>
        <source>Unattended</source>
        <translation>无人值守</translation>
    </message>
    <message>
        <source>The watchdog, a systemd user service, starts the program again if it ends or hangs. Start at login begins with the desktop session.</source>
        <translation>看门狗（systemd 用户服务）会在程序退出或卡死时重新启动它。“登录时启动”随桌面会话一同开始。</translation>
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
    <message>
        <source>Show</source>
        <translation>展示</translation>
    </message>
</context>
<context>
    <name>Piece</name>
    <message>
        <source>All show pieces</source>
        <translation>全部展示</translation>
    </message>
</context>
<context>
    <name>PinDialog</name>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Operator&apos;s PIN</source>
        <translation>操作员 PIN 码</translation>
    </message>
    <message>
        <source>This belongs to the operator of the stand.</source>
        <translation>此处仅供展台操作员使用。</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>That is not the PIN.</source>
        <translation>PIN 码不正确。</translation>
    </message>
    <message>
        <source>Too many wrong tries. Wait {0} s.</source>
        <translation>错误次数过多，请等待 {0} 秒。</translation>
    </message>
    <message>
        <source>{0} digits</source>
        <translation>{0} 位数字</translation>
    </message>
</context>
<context>
    <name>PlanPanel</name>
    <message>
        <source>Load the engine again with this plan</source>
        <translation>按此方案重新加载引擎</translation>
    </message>
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
        <translation>{0} · {1} 层 · {2} 权重 · 上下文 {3} token</translation>
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
    <name>PrecisionCard</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Memory while answering / built in</source>
        <translation>问答时内存 / 机器内存</translation>
    </message>
    <message>
        <source>being computed …</source>
        <translation>计算中……</translation>
    </message>
</context>
<context>
    <name>PrecisionStep</name>
    <message>
        <source>Smaller weights answer faster: every token reads all of them once. Computed before compiling.</source>
        <translation>权重越小回答越快：每个 token 都要把全部权重读一遍。以下数字在编译前算出。</translation>
    </message>
    <message>
        <source>Quantise the output layer to int8 as well</source>
        <translation>输出层也量化为 int8</translation>
    </message>
    <message>
        <source>The vendor leaves it unquantised. Quantised it is smaller and faster; the answers change a little.</source>
        <translation>厂商不量化输出层。量化后更小更快，回答会略有变化。</translation>
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
    <name>QualityPiece</name>
    <message>
        <source>Quality card</source>
        <translation>质量卡片</translation>
    </message>
    <message>
        <source>What an engine has kept of its model: layer by layer, in prediction, and in its answers.</source>
        <translation>引擎保留了模型的多少：逐层误差、预测能力和回答。</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Against the original</source>
        <translation>与原模型对比</translation>
    </message>
    <message>
        <source>Error of each layer&apos;s weights</source>
        <translation>每层权重的误差</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出层</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Tokens until a difference</source>
        <translation>出现差异前的 token 数</translation>
    </message>
    <message>
        <source>Largest error of a layer</source>
        <translation>单层最大误差</translation>
    </message>
    <message>
        <source>Measure again</source>
        <translation>重新测量</translation>
    </message>
    <message>
        <source>No engine yet</source>
        <translation>还没有引擎</translation>
    </message>
    <message>
        <source>Compile one; its quality is measured in the background afterwards.</source>
        <translation>先编译一个；随后会在后台测量它的质量。</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>尚未测量</translation>
    </message>
    <message>
        <source>The engine&apos;s answers and weights are compared with the model it was compiled from.</source>
        <translation>把引擎的回答和权重与编译它的模型作比较。</translation>
    </message>
    <message>
        <source>Measure it now</source>
        <translation>现在测量</translation>
    </message>
    <message>
        <source>{0}: the engine answers …</source>
        <translation>{0}：引擎正在回答…</translation>
    </message>
    <message>
        <source>{0}: {1} of {2} layers compared</source>
        <translation>{0}：已比较 {1} 层，共 {2} 层</translation>
    </message>
    <message>
        <source>{0} against {1} of the original</source>
        <translation>{0}，原模型为 {1}</translation>
    </message>
    <message>
        <source>none in {0}</source>
        <translation>{0} 个内无差异</translation>
    </message>
    <message>
        <source>the least of {0} answers</source>
        <translation>{0} 个回答中最少的</translation>
    </message>
    <message>
        <source>layer {0}, cosine {1}</source>
        <translation>层 {0}，余弦 {1}</translation>
    </message>
    <message>
        <source>Measured {0} in {1} s, on a text of {2} tokens, against the model&apos;s arithmetic in float32</source>
        <translation>测量于 {0}，用时 {1} 秒，文本 {2} 个 token，与模型的 float32 运算对比</translation>
    </message>
    <message>
        <source>{0} tokens, each as the original would choose</source>
        <translation>{0} 个 token，每个都与原模型的选择相同</translation>
    </message>
    <message>
        <source>{0} tokens, the first difference at token {1}</source>
        <translation>{0} 个 token，第 {1} 个开始不同</translation>
    </message>
    <message>
        <source>The model it was compiled from</source>
        <translation>编译它所用的模型</translation>
    </message>
    <message>
        <source>ONNX models (*.onnx)</source>
        <translation>ONNX 模型 (*.onnx)</translation>
    </message>
</context>
<context>
    <name>QuestionEditor</name>
    <message>
        <source>Edit the question</source>
        <translation>编辑问题</translation>
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
    <name>QuestionView</name>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Copy question</source>
        <translation>复制问题</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>编辑并重新提问</translation>
    </message>
</context>
<context>
    <name>RacePiece</name>
    <message>
        <source>Engines for the race are still being compiled.</source>
        <translation>赛跑用的引擎还在编译。</translation>
    </message>
    <message>
        <source>Precision race</source>
        <translation>精度赛跑</translation>
    </message>
    <message>
        <source>The same model three times: bf16, int8 and int4 answer the same prompt.</source>
        <translation>同一个模型跑三次：bf16、int8 和 int4 回答同一个提示。</translation>
    </message>
    <message>
        <source>Why is the sky blue?</source>
        <translation>天空为什么是蓝色的？</translation>
    </message>
    <message>
        <source>Prompt of the race</source>
        <translation>赛跑的提示</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>seconds after the question</source>
        <translation>提问后的秒数</translation>
    </message>
    <message>
        <source>tokens per second</source>
        <translation>每秒 token 数</translation>
    </message>
    <message>
        <source>Speed of the lanes</source>
        <translation>各赛道的速度</translation>
    </message>
    <message>
        <source>Lane {0}</source>
        <translation>赛道 {0}</translation>
    </message>
    <message>
        <source>Compile the missing engines</source>
        <translation>编译缺少的引擎</translation>
    </message>
    <message>
        <source>Start the race</source>
        <translation>开始赛跑</translation>
    </message>
    <message>
        <source>compiling</source>
        <translation>编译中</translation>
    </message>
    <message>
        <source>Compiling {0} …</source>
        <translation>正在编译 {0}…</translation>
    </message>
    <message>
        <source>Converting the model …</source>
        <translation>正在转换模型…</translation>
    </message>
    <message>
        <source>live</source>
        <translation>实况</translation>
    </message>
    <message>
        <source>All three run at the same time, with a third of the threads each.</source>
        <translation>三者同时运行，各用三分之一的线程。</translation>
    </message>
    <message>
        <source>lane {0} of {1}</source>
        <translation>第 {0} 道，共 {1} 道</translation>
    </message>
    <message>
        <source>One after another, each with the whole machine; the race itself is replayed afterwards.</source>
        <translation>依次运行，每次独占整台机器；随后再回放赛跑。</translation>
    </message>
    <message>
        <source>replayed</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>The lanes ran one after another; here their own times are shown side by side.</source>
        <translation>各赛道是依次运行的；这里把各自的用时并排显示。</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>All three ran at the same time.</source>
        <translation>三者同时运行。</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Greedy answers, one token a step.</source>
        <translation>贪心解码，每步一个 token。</translation>
    </message>
    <message>
        <source>No engine for {0} yet. The demo model&apos;s take a few minutes, once.</source>
        <translation>还没有 {0} 的引擎。演示模型的引擎需要几分钟，只需一次。</translation>
    </message>
    <message>
        <source>Compiling for the race</source>
        <translation>正在为赛跑编译</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>place {0}</source>
        <translation>第 {0} 名</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>C10 Panel</source>
        <translation>C10 控制台</translation>
    </message>
    <message>
        <source>{0} (Ctrl+{1})</source>
        <translation>{0}（Ctrl+{1}）</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Operator&apos;s guide</source>
        <translation>操作员指南</translation>
    </message>
    <message>
        <source>Operator&apos;s guide (F1)</source>
        <translation>操作员指南 (F1)</translation>
    </message>
</context>
<context>
    <name>ReviewStep</name>
    <message>
        <source>The engine has no name.</source>
        <translation>引擎还没有名称。</translation>
    </message>
    <message>
        <source>Type one below.</source>
        <translation>请在下面输入。</translation>
    </message>
    <message>
        <source>Compiling needs {0} of memory, but {1} are free.</source>
        <translation>编译需要 {0} 内存，但可用的只有 {1}。</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation>请关闭其他程序后重试。</translation>
    </message>
    <message>
        <source>Answering needs {0} beside the weights, but the machine has {1}.</source>
        <translation>除权重外，问答还需要 {0}，而机器只有 {1}。</translation>
    </message>
    <message>
        <source>Choose a shorter total length or a smaller batch.</source>
        <translation>请选择更短的总长度或更小的批大小。</translation>
    </message>
    <message>
        <source>The files need {0}, but {1} are free on that disk.</source>
        <translation>文件需要 {0}，但该磁盘只剩 {1}。</translation>
    </message>
    <message>
        <source>Choose another folder, or smaller weights.</source>
        <translation>请选择其他文件夹，或更小的权重。</translation>
    </message>
    <message>
        <source>What it takes</source>
        <translation>所需资源</translation>
    </message>
    <message>
        <source>Memory while answering</source>
        <translation>问答时内存</translation>
    </message>
    <message>
        <source>Space on the disk</source>
        <translation>磁盘空间</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Name of the engine</source>
        <translation>引擎名称</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Change the folder</source>
        <translation>更改文件夹</translation>
    </message>
    <message>
        <source>One file with both parts (needed for chatting)</source>
        <translation>两个部分合为一个文件（对话需要）</translation>
    </message>
    <message>
        <source>Without it a prefill part and a decode part are written, which can be combined later</source>
        <translation>不勾选则写出预填充部分和解码部分，以后可以合并</translation>
    </message>
    <message>
        <source>being computed …</source>
        <translation>计算中……</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Memory while compiling</source>
        <translation>编译时内存</translation>
    </message>
    <message>
        <source>Time to expect</source>
        <translation>预计用时</translation>
    </message>
    <message>
        <source>on this machine</source>
        <translation>在本机上</translation>
    </message>
    <message>
        <source>of {0} built in</source>
        <translation>共有 {0}</translation>
    </message>
    <message>
        <source>of {0} free now</source>
        <translation>当前可用 {0}</translation>
    </message>
    <message>
        <source>Folder for the engine</source>
        <translation>引擎所在文件夹</translation>
    </message>
    <message>
        <source>This engine</source>
        <translation>本引擎</translation>
    </message>
    <message>
        <source>{0} of {1} that are free</source>
        <translation>需要 {0}，可用 {1}</translation>
    </message>
    <message>
        <source>Enough space</source>
        <translation>空间充足</translation>
    </message>
    <message>
        <source>Not enough space</source>
        <translation>空间不足</translation>
    </message>
    <message>
        <source>An engine of this name is there already and will be replaced.</source>
        <translation>已有同名引擎，将被替换。</translation>
    </message>
    <message>
        <source>Give this one another name to keep both.</source>
        <translation>换一个名称即可两者都保留。</translation>
    </message>
    <message>
        <source>Made for</source>
        <translation>目标设备</translation>
    </message>
    <message>
        <source>The CPU of this machine</source>
        <translation>本机的 CPU</translation>
    </message>
    <message>
        <source>The C10 card, with the vendor&apos;s compiler</source>
        <translation>C10 卡（使用厂商的编译器）</translation>
    </message>
    <message>
        <source>the vendor&apos;s compiler doesn&apos;t say</source>
        <translation>厂商的编译器不报告</translation>
    </message>
    <message>
        <source>an estimate</source>
        <translation>估算值</translation>
    </message>
</context>
<context>
    <name>RooflinePiece</name>
    <message>
        <source>Roofline</source>
        <translation>屋顶线</translation>
    </message>
    <message>
        <source>How near decoding comes to what this machine&apos;s memory and arithmetic allow.</source>
        <translation>解码离本机内存与算力的极限有多近。</translation>
    </message>
    <message>
        <source>Decode now</source>
        <translation>现在解码</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Measure this machine</source>
        <translation>测量本机</translation>
    </message>
    <message>
        <source>Read from memory</source>
        <translation>从内存读取</translation>
    </message>
    <message>
        <source>Decode speed</source>
        <translation>解码速度</translation>
    </message>
    <message>
        <source>Read for each step</source>
        <translation>每步读取</translation>
    </message>
    <message>
        <source>Operations a byte</source>
        <translation>每字节运算</translation>
    </message>
    <message>
        <source>Operations for each byte from memory</source>
        <translation>每从内存读取一字节的运算次数</translation>
    </message>
    <message>
        <source>10⁹ operations per second</source>
        <translation>每秒运算次数（10⁹）</translation>
    </message>
    <message>
        <source>prefill</source>
        <translation>预填充</translation>
    </message>
    <message>
        <source>int8 arithmetic: {0}</source>
        <translation>int8 算力：{0}</translation>
    </message>
    <message>
        <source>float32 arithmetic: {0}</source>
        <translation>float32 算力：{0}</translation>
    </message>
    <message>
        <source>memory: {0} GB/s</source>
        <translation>内存：{0} GB/s</translation>
    </message>
    <message>
        <source>measuring …</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <source>Memory is read and numbers are multiplied with all threads, for a few seconds.</source>
        <translation>用全部线程读内存、做乘法，持续几秒钟。</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>尚未测量</translation>
    </message>
    <message>
        <source>Measure this machine once; the result is kept with its date.</source>
        <translation>测量一次即可；结果连同日期一起保存。</translation>
    </message>
    <message>
        <source>measured here</source>
        <translation>本机实测</translation>
    </message>
    <message>
        <source>{0} · {1} threads · {2}</source>
        <translation>{0} · {1} 线程 · {2}</translation>
    </message>
    <message>
        <source>No limits of the C10 are published, so no roofline is drawn for the card.</source>
        <translation>C10 的极限没有公布，因此不为卡画屋顶线。</translation>
    </message>
    <message>
        <source>Nothing is being decoded.</source>
        <translation>目前没有解码。</translation>
    </message>
    <message>
        <source>You are at {0} % of the memory bandwidth.</source>
        <translation>现在达到内存带宽的 {0} %。</translation>
    </message>
    <message>
        <source>More than memory allows: prompt lookup checks several tokens with one reading.</source>
        <translation>超过内存所允许的：提示查找一次读取就核对多个 token。</translation>
    </message>
    <message>
        <source>Each token reads every weight once: memory sets the pace, not arithmetic.</source>
        <translation>每个 token 都要把全部权重读一遍：决定速度的是内存，不是算力。</translation>
    </message>
    <message>
        <source>of {0}</source>
        <translation>上限 {0}</translation>
    </message>
    <message>
        <source>{0} tok/s</source>
        <translation>{0} token/秒</translation>
    </message>
    <message>
        <source>decode: {0} %</source>
        <translation>解码：{0} %</translation>
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
    <name>RunPanel</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Ends the job within two seconds and leaves no file</source>
        <translation>两秒内结束任务，不留下任何文件</translation>
    </message>
    <message>
        <source>Log of the job</source>
        <translation>任务日志</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>being cancelled …</source>
        <translation>正在取消……</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Hide the log</source>
        <translation>收起日志</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>展开日志</translation>
    </message>
    <message>
        <source>Elapsed: {0}</source>
        <translation>已用时：{0}</translation>
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
        <translation>首个 token（毫秒）</translation>
    </message>
    <message>
        <source>Tokens (in + out)</source>
        <translation>token（输入 + 输出）</translation>
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
    <name>SdkPanel</name>
    <message>
        <source>C10 SDK</source>
        <translation>C10 SDK</translation>
    </message>
    <message>
        <source>The vendor&apos;s SDK runs in an interpreter of its own, on this machine or in its docker container. </source>
        <translation>厂商的 SDK 在自己的解释器中运行，可在本机，也可在其 docker 容器中。</translation>
    </message>
    <message>
        <source>No card was ever used with this program: see C10.md for what its first owner should try.</source>
        <translation>本程序从未在真实的卡上运行过：首位卡主应尝试的步骤见 C10.md。</translation>
    </message>
    <message>
        <source>Folder of the vendor&apos;s ChatGLM2-6B sample</source>
        <translation>厂商 ChatGLM2-6B 示例的文件夹</translation>
    </message>
    <message>
        <source>Python interpreter</source>
        <translation>Python 解释器</translation>
    </message>
    <message>
        <source>Docker container</source>
        <translation>Docker 容器</translation>
    </message>
    <message>
        <source>not needed to answer, only to compile for the card</source>
        <translation>回答时不需要，只在为卡编译时需要</translation>
    </message>
    <message>
        <source>none: the SDK is on this machine</source>
        <translation>无：SDK 就在本机</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Choose the folder of the vendor&apos;s sample</source>
        <translation>选择厂商示例的文件夹</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Set up the SDK&apos;s container</source>
        <translation>设置 SDK 容器</translation>
    </message>
    <message>
        <source>answers</source>
        <translation>有响应</translation>
    </message>
    <message>
        <source>doesn&apos;t answer</source>
        <translation>无响应</translation>
    </message>
    <message>
        <source>not set up</source>
        <translation>未设置</translation>
    </message>
</context>
<context>
    <name>Service</name>
    <message>
        <source>The program starts at login from now on: {0}</source>
        <translation>程序今后随登录启动：{0}</translation>
    </message>
    <message>
        <source>The program doesn&apos;t start at login any more; removed: {0}</source>
        <translation>程序不再随登录启动；已删除：{0}</translation>
    </message>
    <message>
        <source>The watchdog was written to {0}.</source>
        <translation>看门狗已写入 {0}。</translation>
    </message>
    <message>
        <source>No systemd answers for this user, so it works at the next login at the earliest.</source>
        <translation>当前用户没有可用的 systemd，最早在下次登录后生效。</translation>
    </message>
    <message>
        <source>It starts with: systemctl --user start {0}</source>
        <translation>启动命令：systemctl --user start {0}</translation>
    </message>
    <message>
        <source>The watchdog was removed: {0}</source>
        <translation>看门狗已移除：{0}</translation>
    </message>
</context>
<context>
    <name>ShapeStep</name>
    <message>
        <source>These numbers are fixed in the engine. The cards are the vendor&apos;s examples; below is room for others.</source>
        <translation>这些数值会固定在引擎中。卡片是厂商的示例，下面可以输入其他数值。</translation>
    </message>
    <message>
        <source>One chat</source>
        <translation>单路对话</translation>
    </message>
    <message>
        <source>Long questions</source>
        <translation>长问题</translation>
    </message>
    <message>
        <source>Eight at once</source>
        <translation>八路并行</translation>
    </message>
    <message>
        <source>Long documents</source>
        <translation>长文档</translation>
    </message>
    <message>
        <source>Very long chats</source>
        <translation>超长对话</translation>
    </message>
    <message>
        <source>The default: one question at a time.</source>
        <translation>默认选项：一次一个问题。</translation>
    </message>
    <message>
        <source>Prompts of up to 1,024 tokens are read in one round.</source>
        <translation>一轮可读入最多 1,024 个 token 的提示。</translation>
    </message>
    <message>
        <source>Answers eight questions side by side.</source>
        <translation>同时回答八个问题。</translation>
    </message>
    <message>
        <source>Reads up to 2,048 tokens in one round, remembers 8,192.</source>
        <translation>一轮读入最多 2,048 个 token，可记住 8,192 个。</translation>
    </message>
    <message>
        <source>Remembers 32,768 tokens; needs a large KV cache.</source>
        <translation>可记住 32,768 个 token；需要较大的 KV 缓存。</translation>
    </message>
    <message>
        <source>Batch {0} · total {1} · pre {2}</source>
        <translation>批 {0} · 总长 {1} · 预填 {2}</translation>
    </message>
    <message>
        <source>Batch and lengths</source>
        <translation>批大小与长度</translation>
    </message>
    <message>
        <source>Static batch</source>
        <translation>静态批大小</translation>
    </message>
    <message>
        <source>Total length (tokens)</source>
        <translation>总长度（token）</translation>
    </message>
    <message>
        <source>Pre length (tokens)</source>
        <translation>预填充长度（token）</translation>
    </message>
    <message>
        <source>Questions that are answered together, 1 to {0}.</source>
        <translation>同时回答的问题数，1 到 {0}。</translation>
    </message>
    <message>
        <source>Question and answer together: places in the KV cache.</source>
        <translation>问题与回答合计：KV 缓存的位置数。</translation>
    </message>
    <message>
        <source>Prompt tokens that are read in one round; less than the total length, so at most {0}.</source>
        <translation>一轮读入的提示 token 数；须小于总长度，因此最多 {0}。</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>The rotary table is extended to {0} tokens.</source>
        <translation>旋转位置表将扩展到 {0} 个 token。</translation>
    </message>
    <message>
        <source>The model was traced for {0}; positions beyond that are computed by the same formula.</source>
        <translation>模型导出时的长度为 {0}；更远的位置按同一公式计算。</translation>
    </message>
    <message>
        <source>{0} × {1} tokens, {2}</source>
        <translation>{0} × {1} 个 token，{2}</translation>
    </message>
</context>
<context>
    <name>ShowPage</name>
    <message>
        <source>Show</source>
        <translation>展示</translation>
    </message>
    <message>
        <source>See what happens on this machine. Everything is measured, now and here.</source>
        <translation>看清这台机器在做什么。所有数据都是此时此地实测的。</translation>
    </message>
</context>
<context>
    <name>ShowPieces</name>
    <message>
        <source>Vendor&apos;s table against today</source>
        <translation>厂商数据对比今天</translation>
    </message>
    <message>
        <source>The published figures of one C10 beside a run on this machine.</source>
        <translation>一张 C10 的公开数据，与本机的一次运行并排对比。</translation>
    </message>
    <message>
        <source>Roofline</source>
        <translation>屋顶线</translation>
    </message>
    <message>
        <source>A dot that moves while the model decodes, under what the memory allows.</source>
        <translation>模型解码时移动的一个点，上方是内存所允许的极限。</translation>
    </message>
    <message>
        <source>Precision race</source>
        <translation>精度赛跑</translation>
    </message>
    <message>
        <source>Three precisions, one prompt: who is first, and where the answers part.</source>
        <translation>三种精度，同一个提示：谁最快，答案又从哪里开始不同。</translation>
    </message>
    <message>
        <source>Take it home</source>
        <translation>带回家</translation>
    </message>
    <message>
        <source>Your conversation as a QR code, and a card of its speed.</source>
        <translation>把您的对话做成二维码，再加一张速度卡片。</translation>
    </message>
    <message>
        <source>Fit preview</source>
        <translation>装载预览</translation>
    </message>
    <message>
        <source>Move the sliders and see which layers land on which card.</source>
        <translation>拖动滑块，看哪些层落在哪张卡上。</translation>
    </message>
    <message>
        <source>Quality card</source>
        <translation>质量卡片</translation>
    </message>
    <message>
        <source>What an engine has kept of its model, layer by layer.</source>
        <translation>引擎逐层保留了模型的多少。</translation>
    </message>
</context>
<context>
    <name>ShowRun</name>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>{0}, in place of simulated cards</source>
        <translation>{0}，代替模拟卡</translation>
    </message>
    <message>
        <source>{0} B weights</source>
        <translation>{0} B 权重</translation>
    </message>
    <message>
        <source>{0} M weights</source>
        <translation>{0} M 权重</translation>
    </message>
    <message>
        <source>rounds/s</source>
        <translation>轮/秒</translation>
    </message>
    <message>
        <source>tok/s</source>
        <translation>token/秒</translation>
    </message>
</context>
<context>
    <name>Stage</name>
    <message>
        <source>Simulated cards: the CPU computes</source>
        <translation>模拟加速卡：由 CPU 计算</translation>
    </message>
    <message>
        <source>On the CPU</source>
        <translation>由 CPU 计算</translation>
    </message>
    <message>
        <source>C10 Panel</source>
        <translation>C10 控制台</translation>
    </message>
    <message>
        <source>tok/s</source>
        <translation>token/秒</translation>
    </message>
    <message>
        <source>tokens each second, measured while it writes</source>
        <translation>每秒 token 数，边写边测</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Touch the screen or press any key</source>
        <translation>轻触屏幕或按任意键</translation>
    </message>
    <message>
        <source>Escape ends the answer</source>
        <translation>按 Esc 结束回答</translation>
    </message>
    <message>
        <source>Space starts the marked question, 1 to {0} start theirs</source>
        <translation>空格键开始标出的问题，数字键 1 到 {0} 开始对应的问题</translation>
    </message>
</context>
<context>
    <name>StepRow</name>
    <message>
        <source>skipped</source>
        <translation>已跳过</translation>
    </message>
</context>
<context>
    <name>Strip</name>
    <message>
        <source>Operator: visitor mode, demo, PIN</source>
        <translation>操作员：访客模式、演示、PIN 码</translation>
    </message>
    <message>
        <source>Operator (PIN)</source>
        <translation>操作员（PIN 码）</translation>
    </message>
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
        <source>New visitor</source>
        <translation>新访客</translation>
    </message>
    <message>
        <source>Wipe everything that was asked and answered</source>
        <translation>清除所有问题和回答</translation>
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
        <translation>{0} token/秒</translation>
    </message>
</context>
<context>
    <name>TakeHomePiece</name>
    <message>
        <source>Take it home</source>
        <translation>带回家</translation>
    </message>
    <message>
        <source>Your conversation and its speed, for your phone&apos;s camera. No network, and nothing is kept here.</source>
        <translation>您的对话和速度，用手机相机带走。无需网络，这里什么也不保留。</translation>
    </message>
    <message>
        <source>Your conversation</source>
        <translation>您的对话</translation>
    </message>
    <message>
        <source>Performance card</source>
        <translation>性能卡片</translation>
    </message>
    <message>
        <source>Previous code</source>
        <translation>上一个二维码</translation>
    </message>
    <message>
        <source>Next code</source>
        <translation>下一个二维码</translation>
    </message>
    <message>
        <source>Hold this code</source>
        <translation>停在这个二维码</translation>
    </message>
    <message>
        <source>Save the picture …</source>
        <translation>保存图片…</translation>
    </message>
    <message>
        <source>Q:</source>
        <translation>问：</translation>
    </message>
    <message>
        <source>A:</source>
        <translation>答：</translation>
    </message>
    <message>
        <source>{0} tok/s</source>
        <translation>{0} token/秒</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Computed by</source>
        <translation>计算设备</translation>
    </message>
    <message>
        <source>First token</source>
        <translation>首个 token</translation>
    </message>
    <message>
        <source>{0} ms</source>
        <translation>{0} 毫秒</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>新 token</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>CPU, not C10</source>
        <translation>CPU，不是 C10</translation>
    </message>
    <message>
        <source>tok/s</source>
        <translation>token/秒</translation>
    </message>
    <message>
        <source>decode speed, measured here</source>
        <translation>解码速度，本机实测</translation>
    </message>
    <message>
        <source>Ask something first; then its answer can be taken home from here.</source>
        <translation>先提一个问题，然后就可以从这里带走回答。</translation>
    </message>
    <message>
        <source>No code yet</source>
        <translation>还没有二维码</translation>
    </message>
    <message>
        <source>QR code {0} of {1}</source>
        <translation>第 {0} 个二维码，共 {1} 个</translation>
    </message>
    <message>
        <source>Photograph each code in turn: they change by themselves.</source>
        <translation>请依次拍下每个二维码：它们会自动切换。</translation>
    </message>
    <message>
        <source>Point your phone&apos;s camera at the code: it holds the text itself, no link.</source>
        <translation>用手机相机对准二维码：里面是文字本身，不是链接。</translation>
    </message>
    <message>
        <source>Save the picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>图片 (*.png)</translation>
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
    <name>TileEditor</name>
    <message>
        <source>Edit the questions</source>
        <translation>编辑问题</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
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
        <source>The built-in questions again</source>
        <translation>恢复内置问题</translation>
    </message>
    <message>
        <source>New question</source>
        <translation>新问题</translation>
    </message>
</context>
<context>
    <name>TileForm</name>
    <message>
        <source>Icon</source>
        <translation>图标</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Whichever is loaded</source>
        <translation>当前已加载的引擎</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Title ({0})</source>
        <translation>标题（{0}）</translation>
    </message>
    <message>
        <source>Question ({0})</source>
        <translation>问题（{0}）</translation>
    </message>
    <message>
        <source>Longest answer (tokens)</source>
        <translation>回答最长（token）</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
</context>
<context>
    <name>Troubles</name>
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
        <source>Choose an engine</source>
        <translation>选择引擎</translation>
    </message>
    <message>
        <source>It is being started again.</source>
        <translation>正在重新启动。</translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation>重新加载</translation>
    </message>
    <message>
        <source>Go on with the CPU</source>
        <translation>改用 CPU 继续</translation>
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
        <source>Ask in a new conversation</source>
        <translation>在新对话中提问</translation>
    </message>
    <message>
        <source>The context is full, so the answer ended.</source>
        <translation>上下文已满，回答因此结束。</translation>
    </message>
    <message>
        <source>A new conversation begins empty. The total length is chosen when compiling.</source>
        <translation>新对话从空的上下文开始。总长度在编译时选择。</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新对话</translation>
    </message>
</context>
<context>
    <name>TrustDialog</name>
    <message>
        <source>Run an engine from elsewhere?</source>
        <translation>运行来自别处的引擎？</translation>
    </message>
    <message>
        <source>{0} was not built on this computer.</source>
        <translation>{0} 不是在本机编译的。</translation>
    </message>
    <message>
        <source>I trust it: run it</source>
        <translation>我信任它，运行</translation>
    </message>
    <message>
        <source>Don&apos;t run it</source>
        <translation>不运行</translation>
    </message>
    <message>
        <source>An engine holds a program. If you run it, that program can do whatever you can do on this computer: read your files, change them, send them away. It can be looked at and combined without running it.</source>
        <translation>引擎中含有程序。运行它，该程序就能做您在本机上能做的一切：读取、修改或发送您的文件。查看和合并引擎不会运行它。</translation>
    </message>
    <message>
        <source>Run it only if you know who made it. You are asked once for each engine.</source>
        <translation>仅在您知道是谁制作的情况下才运行。每个引擎只询问一次。</translation>
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
    <name>VendorPiece</name>
    <message>
        <source>Vendor&apos;s table against today</source>
        <translation>厂商数据对比今天</translation>
    </message>
    <message>
        <source>What the vendor published for one C10, and what this machine does now, counted the same way.</source>
        <translation>厂商为一张 C10 公布的数据，以及本机现在的表现，按同样的方法计数。</translation>
    </message>
    <message>
        <source>Do the same run here</source>
        <translation>在本机做同样的运行</translation>
    </message>
    <message>
        <source>534 prompt tokens in rounds of 256, then 241 decode steps</source>
        <translation>534 个提示 token，每轮 256 个，然后 241 步解码</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>The vendor counts prefill rounds and decode steps as tokens: base throughput is rounds per second. Its figures are those of its README; it gives no date.</source>
        <translation>厂商把预填充轮次和解码步数都算作 token：base 吞吐量是每秒轮数。这些数据出自厂商的 README，其中没有给出日期。</translation>
    </message>
    <message>
        <source>Vendor&apos;s README, one card</source>
        <translation>厂商 README，单卡</translation>
    </message>
    <message>
        <source>Prefill time (base)</source>
        <translation>预填充时间（base）</translation>
    </message>
    <message>
        <source>Prefill rounds per second (base)</source>
        <translation>每秒预填充轮数（base）</translation>
    </message>
    <message>
        <source>Decode time (incremental)</source>
        <translation>解码时间（incremental）</translation>
    </message>
    <message>
        <source>Decode speed (incremental)</source>
        <translation>解码速度（incremental）</translation>
    </message>
    <message>
        <source>Both together</source>
        <translation>两者合计</translation>
    </message>
    <message>
        <source>Rounds and steps</source>
        <translation>轮数与步数</translation>
    </message>
    <message>
        <source>Average speed</source>
        <translation>平均速度</translation>
    </message>
    <message>
        <source>{0} prompt tokens</source>
        <translation>{0} 个提示 token</translation>
    </message>
    <message>
        <source>Measuring …</source>
        <translation>正在测量…</translation>
    </message>
    <message>
        <source>Ask something, or do the same run here.</source>
        <translation>提一个问题，或在本机做同样的运行。</translation>
    </message>
    <message>
        <source>This run</source>
        <translation>本次运行</translation>
    </message>
    <message>
        <source>no run yet</source>
        <translation>尚未运行</translation>
    </message>
    <message>
        <source>CPU, simulated cards</source>
        <translation>CPU，模拟卡</translation>
    </message>
    <message>
        <source>CPU, not C10</source>
        <translation>CPU，不是 C10</translation>
    </message>
    <message>
        <source>This machine computes with {0}.</source>
        <translation>本机用 {0} 计算。</translation>
    </message>
    <message>
        <source>The model differs, too: {0} here, {1} there.</source>
        <translation>模型也不同：这里 {0}，那里 {1}。</translation>
    </message>
    <message>
        <source>The last run was another question; do the same run to compare the times.</source>
        <translation>上一次运行是别的问题；做同样的运行才能比较时间。</translation>
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
    <name>Wizard</name>
    <message>
        <source>Compile</source>
        <translation>编译</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>To the library</source>
        <translation>返回引擎库</translation>
    </message>
    <message>
        <source>Choose a model to go on.</source>
        <translation>请先选择模型。</translation>
    </message>
    <message>
        <source>Another job runs; this one can start when it is over.</source>
        <translation>另一个任务正在运行，结束后才能开始。</translation>
    </message>
    <message>
        <source>Sizes and times are being computed …</source>
        <translation>正在计算大小和用时……</translation>
    </message>
</context>
<context>
    <name>_BusyCard</name>
    <message>
        <source>Looking into the model …</source>
        <translation>正在检查模型……</translation>
    </message>
</context>
<context>
    <name>_DemoRow</name>
    <message>
        <source>Try with the built-in demo model</source>
        <translation>用内置演示模型试用</translation>
    </message>
    <message>
        <source>SmolLM2-135M-Instruct with int4 weights; nothing is downloaded.</source>
        <translation>SmolLM2-135M-Instruct，int4 权重；无需下载。</translation>
    </message>
</context>
<context>
    <name>_DropCard</name>
    <message>
        <source>Drop an ONNX model here</source>
        <translation>把 ONNX 模型拖到这里</translation>
    </message>
    <message>
        <source>The full-sequence graph, such as model.onnx of chatglm2-6b-onnx, with its weight files beside it. Nothing outside its folder is read.</source>
        <translation>全序列计算图，例如 chatglm2-6b-onnx 的 model.onnx，权重文件与它放在一起。不会读取该文件夹以外的内容。</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>选择文件</translation>
    </message>
</context>
<context>
    <name>_EmptyCard</name>
    <message>
        <source>No engines yet</source>
        <translation>还没有引擎</translation>
    </message>
    <message>
        <source>Compile an ONNX model, or try everything with the built-in small model: one click, a few minutes.</source>
        <translation>编译一个 ONNX 模型，或用内置的小模型试用全部功能：点一下，几分钟即可。</translation>
    </message>
    <message>
        <source>Try with the built-in demo model</source>
        <translation>用内置演示模型试用</translation>
    </message>
    <message>
        <source>New engine</source>
        <translation>新建引擎</translation>
    </message>
</context>
<context>
    <name>_FoundCard</name>
    <message>
        <source>Recognised: a ChatGLM2-style model</source>
        <translation>已识别：ChatGLM2 类模型</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>opset {0}</source>
        <translation>opset {0}</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层数</translation>
    </message>
    <message>
        <source>RMSNorm, epsilon {0}</source>
        <translation>RMSNorm，epsilon {0}</translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation>隐藏维度</translation>
    </message>
    <message>
        <source>FFN {0}</source>
        <translation>FFN {0}</translation>
    </message>
    <message>
        <source>Attention heads</source>
        <translation>注意力头数</translation>
    </message>
    <message>
        <source>{0} key/value groups of {1}</source>
        <translation>{0} 个键值组，每组 {1} 维</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词表</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>个 token</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Traced length</source>
        <translation>导出长度</translation>
    </message>
    <message>
        <source>any</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>rotary dim {0}</source>
        <translation>旋转维度 {0}</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>分词器</translation>
    </message>
    <message>
        <source>found beside the model</source>
        <translation>在模型旁找到</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>The structure fits. The first step of the run computes every layer and compares the numbers.</source>
        <translation>结构相符。运行的第一步会逐层计算并比对数值。</translation>
    </message>
    <message>
        <source>There is no tokenizer beside the model, so the engine can&apos;t be asked in words.</source>
        <translation>模型旁边没有分词器，因此无法用文字向引擎提问。</translation>
    </message>
    <message>
        <source>Choose the original model&apos;s tokenizer.model, or its tokenizer.json.</source>
        <translation>请选择原模型的 tokenizer.model 或 tokenizer.json。</translation>
    </message>
    <message>
        <source>Choose the tokenizer</source>
        <translation>选择分词器</translation>
    </message>
    <message>
        <source>This tokenizer goes into the engine.</source>
        <translation>此分词器将写入引擎。</translation>
    </message>
    <message>
        <source>Choose another one</source>
        <translation>另选一个</translation>
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
    <message>
        <source>Cards that the SDK sees</source>
        <translation>SDK 看到的卡</translation>
    </message>
</context>
<context>
    <name>_OutcomeCard</name>
    <message>
        <source>Try it</source>
        <translation>试一试</translation>
    </message>
    <message>
        <source>The engine is ready</source>
        <translation>引擎已就绪</translation>
    </message>
    <message>
        <source>The job failed</source>
        <translation>任务失败</translation>
    </message>
    <message>
        <source>The job was cancelled</source>
        <translation>任务已取消</translation>
    </message>
    <message>
        <source>Self-test</source>
        <translation>自检</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>not run</source>
        <translation>未运行</translation>
    </message>
    <message>
        <source>one token in {0}</source>
        <translation>{0} 生成一个 token</translation>
    </message>
    <message>
        <source>parts can&apos;t answer</source>
        <translation>单独部分无法问答</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>on the disk</source>
        <translation>磁盘占用</translation>
    </message>
    <message>
        <source>Predicted</source>
        <translation>预计</translation>
    </message>
    <message>
        <source>actual {0} %</source>
        <translation>实际 {0} %</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>of the compiler</source>
        <translation>编译器</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>all steps</source>
        <translation>全部步骤</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再试一次</translation>
    </message>
</context>
</TS>
