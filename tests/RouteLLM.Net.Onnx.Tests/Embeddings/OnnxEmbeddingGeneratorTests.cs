using Microsoft.Extensions.AI;

namespace RouteLLM.Onnx.Tests.Embeddings;

public class OnnxEmbeddingGeneratorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ids_and_vectors_of_MiniLM_are_the_references()
    {
        IReadOnlyList<Golden.EmbeddingCase> cases = Golden.EmbeddingCases();
        Assert.Equal(48, cases.Count);
        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(Golden.MiniLm(), new OnnxEmbeddingOptions { MaxTokens = 256, Tokenizer = AsReference() });
        PromptTokenizer tokenizer = generator.GetService<PromptTokenizer>()!;
        GeneratedEmbeddings<Embedding<float>> batch = await generator.GenerateAsync(cases.Select(static one => one.Text), cancellationToken: Token);
        for (int i = 0; i < cases.Count; i++)
        {
            Assert.Equal(cases[i].Ids, tokenizer.Encode(cases[i].Text).Ids.ToArray());
            ReadOnlyMemory<float> alone = await generator.GenerateVectorAsync(cases[i].Text, cancellationToken: Token);
            Assert.All(cases[i].Embedding.Zip(alone.ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            Assert.All(cases[i].Embedding.Zip(batch[i].Vector.ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        Assert.Equal(384, generator.Dimensions);
        Assert.Equal("all-minilm-l6-v2-int8", generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
    }

    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.Cls)]
    [InlineData(EmbeddingPooling.LastToken)]
    public async Task Vectors_of_tokens_are_pooled_as_asked_for_whatever_they_are_batched_with(EmbeddingPooling pooling)
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Pooling = pooling, Normalize = false });
        string[] texts = ["", "hello", "why is the sky blue?"];
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(texts, cancellationToken: Token);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = generator.GetService<PromptTokenizer>()!.Encode(texts[i]).Ids.ToArray();
            float expected = pooling switch { EmbeddingPooling.Mean => (float)ids.Average(), EmbeddingPooling.Cls => ids[0], _ => ids[^1] };
            Assert.Equal(expected, vectors[i].Vector.Span[0], 1e-3f);
            Assert.Equal(-expected, vectors[i].Vector.Span[1], 1e-3f);
        }
    }

    [Fact]
    public async Task An_output_of_one_vector_a_text_is_taken_as_it_is()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.SumOfIds(1, "sentence_embedding").Output("tokens", OnnxGraph.Float, 0, 0));
        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path);

        Assert.Equal(1, (await generator.GenerateVectorAsync("hello", cancellationToken: Token)).Span[0], 1e-6f);
        Assert.Contains("one vector a text already", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Pooling = EmbeddingPooling.Cls })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_sentence_transformers_say_how_to_pool_to_normalise_and_to_cut()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        Directory.CreateDirectory(folder["1_Pooling"]);
        File.WriteAllText(folder["1_Pooling/config.json"], """{"word_embedding_dimension": 2, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": false, "pooling_mode_lasttoken": true}""");
        File.WriteAllText(folder["modules.json"], """[{"idx": 0, "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "type": "sentence_transformers.models.Pooling"}]""");
        File.WriteAllText(folder["sentence_bert_config.json"], """{"max_seq_length": 8, "do_lower_case": false}""");
        await using (OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path))
        {
            int[] ids = generator.GetService<PromptTokenizer>()!.Encode("one two three four five six seven eight nine").Ids.ToArray();
            Assert.Equal(8, ids.Length);
            Assert.Equal(ids[^1], (await generator.GenerateVectorAsync("hello", cancellationToken: Token)).Span[0]);
        }

        File.WriteAllText(folder["modules.json"], """[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Pooling"}, {"type": "sentence_transformers.models.Normalize"}]""");
        await using (OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path))
        {
            Assert.Equal(MathF.Sqrt(0.5f), (await generator.GenerateVectorAsync("hello", cancellationToken: Token)).Span[0], 1e-6f);
        }

        File.WriteAllText(folder["modules.json"], """[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]""");
        Assert.Contains("'Dense'", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllText(folder["modules.json"], "{");
        Assert.Contains("modules.json", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(folder.Path)).Message, StringComparison.Ordinal);

        File.Delete(folder["modules.json"]);
        File.WriteAllText(folder["1_Pooling/config.json"], """{"pooling_mode_weightedmean_tokens": true}""");
        Assert.Contains("weightedmean_tokens", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logits_are_no_vector_unless_they_are_asked_for()
    {
        Assert.Contains("Export it for feature extraction", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(Golden.Folder("bert-uncased"))).Message, StringComparison.Ordinal);

        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(Golden.Folder("bert-uncased"), new OnnxEmbeddingOptions { Model = new OnnxModelOptions { OutputName = "logits" } });
        Assert.Equal(3, generator.Dimensions);
    }

    [Fact]
    public async Task An_instruction_goes_before_every_text()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        await using OnnxEmbeddingGenerator plain = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Normalize = false });
        await using OnnxEmbeddingGenerator instructed = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Normalize = false, Instruction = "query: " });

        Assert.Equal((await plain.GenerateVectorAsync("query: hello", cancellationToken: Token)).ToArray(), (await instructed.GenerateVectorAsync("hello", cancellationToken: Token)).ToArray());
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_first_ones_normalised_again()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path);
        Embedding<float> one = Assert.Single(await generator.GenerateAsync(["hello"], new EmbeddingGenerationOptions { Dimensions = 1 }, Token));

        Assert.Equal([1f], one.Vector.ToArray());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["hello"], new EmbeddingGenerationOptions { Dimensions = 3 }, Token));
    }

    [Fact]
    public void Vectors_that_are_no_numbers_are_refused_when_the_model_is_loaded()
    {
        OnnxGraph graph = OnnxGraph.IdsAsStates("states");
        graph.Node("Log", ["states"], "last_hidden_state").Output("last_hidden_state", OnnxGraph.Float, 0, 0, 2);
        using ModelFolder folder = ModelFolder.Of(graph);

        Assert.Contains("not a finite number", Assert.Throws<OnnxModelException>(() => OnnxEmbeddingGenerator.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_after_disposal_are_refused_and_no_texts_give_no_vectors()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { ModelId = "mine" });
        Assert.Empty(await generator.GenerateAsync([], cancellationToken: Token));
        Assert.Equal("mine", Assert.Single(await generator.GenerateAsync(["hello"], cancellationToken: Token)).ModelId);
        await Assert.ThrowsAsync<ArgumentNullException>(() => generator.GenerateAsync(["a", null!], cancellationToken: Token));
        await generator.DisposeAsync();

        ObjectDisposedException thrown = await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(["hello"], cancellationToken: Token));
        Assert.Contains(nameof(OnnxEmbeddingGenerator), thrown.ObjectName, StringComparison.Ordinal);
        generator.Dispose();
    }

    [Fact]
    public async Task Lengths_that_files_state_are_cut_to_what_the_model_takes_and_yield_to_the_applications()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates(), """{"model_type": "bert", "max_position_embeddings": 32}""");
        File.WriteAllText(folder["sentence_bert_config.json"], """{"max_seq_length": 64}""");
        await using OnnxEmbeddingGenerator usual = OnnxEmbeddingGenerator.Load(folder.Path);
        await using OnnxEmbeddingGenerator asked = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Tokenizer = new PromptTokenizerOptions { MaxLength = 8 } });

        Assert.Equal(32, usual.GetService<PromptTokenizer>()!.MaxLength);
        Assert.Equal(8, asked.GetService<PromptTokenizer>()!.MaxLength);
    }

    [Fact]
    public async Task An_empty_text_without_special_tokens_has_a_vector_too()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        File.WriteAllText(folder["tokenizer.json"], File.ReadAllText(folder["tokenizer.json"]).Replace("\"TemplateProcessing\"", "\"ByteLevel\"", StringComparison.Ordinal));
        await using OnnxEmbeddingGenerator generator = OnnxEmbeddingGenerator.Load(folder.Path, new OnnxEmbeddingOptions { Pooling = EmbeddingPooling.LastToken });

        Assert.Equal(2, (await generator.GenerateVectorAsync("", cancellationToken: Token)).Length);
    }

    private static PromptTokenizerOptions AsReference() => new() { NeutralizeSpecialTokens = false };
}
