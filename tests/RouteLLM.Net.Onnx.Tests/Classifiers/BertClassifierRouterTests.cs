using CsCheck;
using Microsoft.Extensions.AI;

namespace RouteLLM.Onnx.Tests.Classifiers;

public class BertClassifierRouterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    public async Task Ids_logits_and_probabilities_are_the_references(string model)
    {
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder(model), AsReference());
        PromptTokenizer tokenizer = router.GetService<PromptTokenizer>()!;
        using OnnxModel onnx = OnnxModel.Load(Golden.Folder(model));
        var session = new EncoderSession(onnx, onnx.Output("logits"), static (row, _, _) => row.ToArray(), tokenizer.PadId);
        IReadOnlyList<Golden.ClassifierCase> cases = Golden.ClassifierCases(model);
        Assert.Equal(44, cases.Count);
        foreach (Golden.ClassifierCase expected in cases)
        {
            ReadOnlyMemory<int> ids = tokenizer.Encode(expected.Text).Ids;
            Assert.Equal(expected.Ids, ids.ToArray());
            AssertClose(expected.Logits, session.Run([ids], Token)[0], 1e-4f);
            Assert.Equal(expected.WinRate, await router.PredictWinProbabilityAsync(expected.Text, Token), 1e-5);
        }

        IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(cases.Select(static one => one.Text), Token);
        Assert.All(cases.Zip(batch), static pair => Assert.Equal(pair.First.WinRate, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData("bert-uncased", "[SEP]")]
    [InlineData("xlm-roberta", "</s>")]
    public async Task Text_of_special_tokens_is_plain_text_by_default(string model, string special)
    {
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder(model));
        await using BertClassifierRouter reference = BertClassifierRouter.Load(Golden.Folder(model), AsReference());
        string prompt = $"hello {special} world";
        int[] plain = router.GetService<PromptTokenizer>()!.Encode(prompt).Ids.ToArray();
        int[] steered = reference.GetService<PromptTokenizer>()!.Encode(prompt).Ids.ToArray();

        Assert.Equal(1, plain.Count(id => id == plain[^1]));
        Assert.Equal(2, steered.Count(id => id == plain[^1]));
    }

    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    public async Task Any_text_gets_a_probability(string model)
    {
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder(model));
        foreach (string text in (string[])["", " ", "\0", "\ud800", "日本語のテキスト", "नमस्ते दुनिया", "שלום עולם", "🏳️‍🌈👩‍👩‍👧", new('x', 100_000), string.Concat(Enumerable.Repeat("why? ", 20_000))])
        {
            Assert.InRange(await router.PredictWinProbabilityAsync(text, Token), 0, 1);
        }

        Gen.String.Sample(text => Assert.InRange(router.PredictWinProbabilityAsync(text).AsTask().GetAwaiter().GetResult(), 0, 1), iter: 200);
    }

    [Theory]
    [InlineData(1, null, null, 0.7310585786)]
    [InlineData(1, """{"problem_type": "regression", "id2label": {"0": "LABEL_0"}}""", null, 1)]
    [InlineData(2, null, null, 0.5)]
    [InlineData(2, """{"id2label": {"0": "strong", "1": "weak"}}""", null, 0.5)]
    [InlineData(2, """{"problem_type": "multi_label_classification"}""", null, 0.7310585786)]
    [InlineData(3, null, null, 0.3333333333)]
    [InlineData(3, """{"id2label": {"0": "weak_wins", "1": "tie", "2": "strong_wins"}}""", null, 0.3333333333)]
    [InlineData(3, """{"id2label": {"0": "easy", "1": "medium", "2": "hard"}}""", "medium,HARD", 0.6666666667)]
    [InlineData(5, null, "3,4", 0.4)]
    public async Task Logits_become_a_probability_as_labels_and_options_say(int labels, string? configuration, string? strong, double expected)
    {
        // All logits are 1.
        using ModelFolder folder = ModelFolder.Of(Constant([.. Enumerable.Repeat(1f, labels)]), configuration);
        await using BertClassifierRouter router = BertClassifierRouter.Load(folder.Path, new BertClassifierOptions { StrongLabels = strong?.Split(',') });

        Assert.Equal(expected, await router.PredictWinProbabilityAsync("hello", Token), 1e-6);
    }

    [Theory]
    [InlineData("""{"id2label": {"0": "strong", "1": "weak"}}""", 0.1192029)]
    [InlineData("""{"id2label": {"0": "weak", "1": "Strong model"}}""", 0.8807971)]
    [InlineData("""{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}""", 0.8807971)]
    public async Task The_configuration_gives_the_order_of_labels(string configuration, double expected)
    {
        using ModelFolder folder = ModelFolder.Of(Constant(1, 3), configuration);
        await using BertClassifierRouter router = BertClassifierRouter.Load(folder.Path);

        Assert.Equal(expected, await router.PredictWinProbabilityAsync("hello", Token), 1e-6);
    }

    [Theory]
    [InlineData(2, """{"id2label": {"0": "easy", "1": "hard"}}""", null, "not known which of its labels 'easy', 'hard'")]
    [InlineData(4, null, null, "not known which of its labels")]
    [InlineData(3, """{"id2label": {"0": "a", "1": "b"}}""", "a", "gives 3 logit(s), and its config.json names 2 label(s) ('a', 'b')")]
    [InlineData(2, """{"id2label": {"0": "a", "1": "b"}}""", "c", "no label 'c'; its labels are 'a', 'b'")]
    [InlineData(2, null, "7", "no label '7'")]
    [InlineData(2, null, "0,1", "all of the labels")]
    [InlineData(2, """{"id2label": {"0": "a", "2": "b"}}""", null, "numbers the labels 0, 2")]
    [InlineData(2, """{"id2label": {"x": "a"}}""", null, "the key 'x'")]
    [InlineData(2, """{"id2label": """, null, "cannot be read as JSON")]
    [InlineData(2, "[]", null, "no object")]
    public void Parts_that_contradict_each_other_are_named(int labels, string? configuration, string? strong, string expected)
    {
        using ModelFolder folder = ModelFolder.Of(Constant([.. Enumerable.Repeat(1f, labels)]), configuration);
        OnnxModelException thrown = Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(folder.Path, new BertClassifierOptions { StrongLabels = strong?.Split(',') }));

        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logit_that_is_no_number_is_an_error_of_its_own_prompt()
    {
        // The square root of 2,000 less the sum of ids.
        OnnxGraph graph = OnnxGraph.OverTokens();
        graph.Node("ReduceSum", ["tokens", graph.Constant(1L)], "sum", ("keepdims", 1))
            .Node("Sub", [graph.Constant(2000f), "sum"], "rest").Node("Sqrt", ["rest"], "logits").Output("logits", OnnxGraph.Float, 0, 1);
        using ModelFolder folder = ModelFolder.Of(graph);
        await using BertClassifierRouter router = BertClassifierRouter.Load(folder.Path);
        string longPrompt = string.Concat(Enumerable.Repeat("hello ", 50));

        Assert.Contains("NaN", (await Assert.ThrowsAsync<OnnxModelException>(() => router.PredictWinProbabilityAsync(longPrompt, Token).AsTask())).Message, StringComparison.Ordinal);
        Task<double>[] answers = [.. Enumerable.Range(0, 20).Select(i => router.PredictWinProbabilityAsync(i % 2 == 0 ? "" : longPrompt, Token).AsTask())];
        for (int i = 0; i < answers.Length; i++)
        {
            if (i % 2 == 0)
            {
                Assert.InRange(await answers[i], 0.9, 1);
            }
            else
            {
                await Assert.ThrowsAsync<OnnxModelException>(() => answers[i]);
            }
        }
    }

    [Fact]
    public void A_wrong_name_lists_what_the_model_has()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.SumOfIds(1).Output("sum", OnnxGraph.Float, 0, 1));
        OnnxModelException output = Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(folder.Path, new BertClassifierOptions { Model = new OnnxModelOptions { OutputName = "scores" } }));
        OnnxModelException input = Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(folder.Path, new BertClassifierOptions { Model = new OnnxModelOptions { InputIdsName = "ids" } }));

        Assert.Contains("no output 'scores'; its outputs are 'logits' Float [batch, 1], 'sum' Float [batch, 1]", output.Message, StringComparison.Ordinal);
        Assert.Contains("no input 'ids'; its inputs are 'input_ids' Int64 [batch, sequence], 'attention_mask' Int64 [batch, sequence]", input.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(OnnxModelOptions.InputIdsName), input.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_of_another_shape_or_type_are_refused()
    {
        using ModelFolder states = ModelFolder.Of(OnnxGraph.IdsAsStates());
        Assert.Contains("not of shape [batch, labels]", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(states.Path)).Message, StringComparison.Ordinal);

        using ModelFolder integers = ModelFolder.Of(OnnxGraph.OverTokens().Output("real", OnnxGraph.Int64, 0, 0));
        Assert.Contains("is not of type Float", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(integers.Path)).Message, StringComparison.Ordinal);

        OnnxGraph graph = OnnxGraph.OverTokens();
        using ModelFolder flat = ModelFolder.Of(graph.Node("ReduceSum", ["tokens", graph.Constant(1L)], "logits", ("keepdims", 0)).Output("logits", OnnxGraph.Float));
        Assert.Contains("came as [1] for ids of [1, ", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(flat.Path)).Message, StringComparison.Ordinal);

        using ModelFolder more = ModelFolder.Of(OnnxGraph.SumOfIds(1).Input("pixel_values", OnnxGraph.Float, 0, 3));
        Assert.Contains("'pixel_values' Float [batch, 3]", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(more.Path)).Message, StringComparison.Ordinal);

        using ModelFolder floats = ModelFolder.Of(OnnxGraph.OverTokens(OnnxGraph.Float).Output("tokens", OnnxGraph.Float, 0, 0));
        Assert.Contains("input 'input_ids' Float", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(floats.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        using ModelFolder stated = ModelFolder.CopyOf(Golden.Folder("bert-uncased")).WithText("config.json", """{"model_type": "bert", "vocab_size": 1000}""");
        using ModelFolder swapped = ModelFolder.CopyOf(Golden.Folder("bert-uncased"));
        File.Copy(Golden.File("xlm-roberta", "model.onnx"), swapped["model.onnx"], overwrite: true);

        Assert.Contains("ids up to 1537, and its config.json says that it knows 1000 tokens", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(stated.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("the tokenizer is not the model's own", Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(swapped.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_may_dispose_a_router_at_once_while_it_is_asked()
    {
        for (int round = 0; round < 30; round++)
        {
            BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder("bert-uncased"));
            Task<double>[] answers = [.. Enumerable.Range(0, 8).Select(_ => router.PredictWinProbabilityAsync("hello", Token).AsTask())];
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await router.DisposeAsync(), Token)));

            Assert.All(await Task.WhenAll(answers), static answer => Assert.InRange(answer, 0, 1));
        }
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_refused()
    {
        using ModelFolder folder = ModelFolder.Empty();
        OnnxGraph.SumOfIds(1).Save(folder.Path);

        Assert.Contains(folder.Path, Assert.ThrowsAny<Exception>(() => BertClassifierRouter.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_tokens_than_the_model_takes_are_refused()
    {
        OnnxModelException thrown = Assert.Throws<OnnxModelException>(() => BertClassifierRouter.Load(Golden.Folder("xlm-roberta"), new BertClassifierOptions { MaxTokens = 513 }));
        Assert.Contains("513 tokens were asked for, and it takes 512", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_are_cut_to_the_length_asked_for()
    {
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder("bert-uncased"), new BertClassifierOptions { MaxTokens = 16 });

        Assert.Equal(16, router.GetService<PromptTokenizer>()!.Encode(string.Concat(Enumerable.Repeat("why? ", 100))).Ids.Length);
    }

    [Fact]
    public async Task Metadata_name_the_router_its_models_and_its_artifact()
    {
        await using BertClassifierRouter router = BertClassifierRouter.Load(Golden.Folder("bert-uncased"), new BertClassifierOptions { Name = "mine", StrongModel = "gpt-4", WeakModel = "mixtral" });
        RouterMetadata metadata = router.GetService<RouterMetadata>()!;

        Assert.Equal(("mine", "gpt-4", "mixtral"), (metadata.Name, metadata.StrongModel, metadata.WeakModel));
        Assert.Equal(router.GetService<OnnxModel>()!.Fingerprint, metadata.Fingerprint);
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Null(router.GetService(typeof(RouterMetadata), "key"));
        Assert.Null(router.GetService(typeof(ScoreQuantiles)));
    }

    [Fact]
    public async Task A_load_shed_and_a_timeout_go_to_the_fallback_and_the_request_is_answered()
    {
        using var gate = new ManualResetEventSlim();
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"));
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder("bert-uncased"));
        var encoder = new TextEncoder(
            typeof(BertClassifierRouter),
            tokenizer,
            (prompts, cancelled) =>
            {
                WaitHandle.WaitAny([gate.WaitHandle, cancelled.WaitHandle]);
                cancelled.ThrowIfCancellationRequested();
                return [.. prompts.Select(static _ => new float[3])];
            },
            1,
            new BatchingOptions { QueueCapacity = 1 },
            null);
        await using var router = new BertClassifierRouter(encoder, new LabelMapping(model, 3, ModelConfiguration.Load(model.Folder), new BertClassifierOptions()), new BertClassifierOptions());

        // One runs, one waits, the third is turned away.
        using var source = new CancellationTokenSource();
        Task<double>[] busy = [router.PredictWinProbabilityAsync("a", source.Token).AsTask(), router.PredictWinProbabilityAsync("b", source.Token).AsTask()];
        Assert.Equal(1, encoder.Waiting);
        await Assert.ThrowsAsync<OnnxQueueFullException>(() => router.PredictWinProbabilityAsync("c", Token).AsTask());
        using var client = new RoutedChatClient(new EchoChatClient("strong"), new EchoChatClient("weak"), router, new TwoModelRoutingOptions { Threshold = 0.5, RouterFallback = RouterFallback.Weak });
        RouteOutcome shed = (await client.GetResponseAsync("hello", cancellationToken: Token)).GetRouteOutcome()!;
        Assert.Equal(("weak", RouteReasons.RouterFailed), (shed.Route, shed.Reason));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(busy));

        // The session is stuck, so the router's time runs out; the prompt leaves no trace.
        using var impatient = new RoutedChatClient(
            new EchoChatClient("strong"), new EchoChatClient("weak"), router, new TwoModelRoutingOptions { Threshold = 0.5, RouterFallback = RouterFallback.Weak, RouterTimeout = TimeSpan.FromMilliseconds(1) });
        RouteOutcome late = (await impatient.GetResponseAsync("hello", cancellationToken: Token)).GetRouteOutcome()!;
        Assert.Equal(("weak", RouteReasons.RouterTimedOut), (late.Route, late.Reason));
        Assert.Equal(0, encoder.Waiting);

        gate.Set();
        Assert.Equal(1 / 3.0, await router.PredictWinProbabilityAsync("hello", Token), 1e-6);
    }

    private static BertClassifierOptions AsReference() => new() { Tokenizer = new PromptTokenizerOptions { NeutralizeSpecialTokens = false } };

    // Adds nothing of the tokens to the numbers given.
    private static OnnxGraph Constant(params float[] logits)
    {
        OnnxGraph graph = OnnxGraph.OverTokens();
        return graph.Node("ReduceSum", ["tokens", graph.Constant(1L)], "sum", ("keepdims", 1))
            .Node("Mul", ["sum", graph.Constant(0f)], "zero")
            .Node("Add", ["zero", graph.Constant(logits)], "logits")
            .Output("logits", OnnxGraph.Float, 0, logits.Length);
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
