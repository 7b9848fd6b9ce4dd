namespace RouteLLM.Onnx.Tests.Tokenization;

public sealed class BrokenTokenizerTests
{
    [Fact]
    public void A_folder_without_a_tokenizer_is_told_which_files_are_missing()
    {
        using ModelFolder folder = ModelFolder.Empty();
        OnnxModelException error = Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path));
        Assert.Contains("'tokenizer.json'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'vocab.txt'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'sentencepiece.bpe.model'", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named() =>
        Assert.Contains("nowhere", Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load("nowhere")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_unigram_tokenizer_without_its_SentencePiece_model_names_that_file()
    {
        using ModelFolder folder = ModelFolder.Empty().With(Golden.Folder("xlm-roberta"), "tokenizer.json", "tokenizer_config.json");
        Assert.Contains("'sentencepiece.bpe.model'", Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"model": {"type": "WordLevel"}}""")]
    [InlineData("""{"model": {"type": "WordPiece"}}""")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": "x"}}}""")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}}""")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "Other"}}""")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [{"id": 0}]}""")]
    public void A_damaged_tokenizer_file_is_named(string json)
    {
        using ModelFolder folder = ModelFolder.Empty().WithText("tokenizer.json", json);
        Assert.Contains("tokenizer.json", Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merges_of_unknown_pieces_and_expressions_that_are_none_are_refused()
    {
        string json = File.ReadAllText(Path.Combine(Golden.Folder("causal"), "tokenizer.json"));
        foreach (string damaged in new[] { json.Replace("\"h e\"", "\"h \u0416\"", StringComparison.Ordinal), json.Replace("(?i:'s", "(?i:('s", StringComparison.Ordinal), json.Replace("\"h e\"", "7", StringComparison.Ordinal) })
        {
            Assert.NotEqual(json, damaged);
            using ModelFolder folder = ModelFolder.Empty().WithText("tokenizer.json", damaged);
            Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path));
        }
    }

    [Fact]
    public void A_SentencePiece_model_cut_anywhere_or_with_flipped_bytes_is_refused_or_read_but_never_crashes()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Golden.Folder("xlm-roberta"), "sentencepiece.bpe.model"));
        using ModelFolder folder = ModelFolder.Empty();
        string path = Path.Combine(folder.Path, "sentencepiece.bpe.model");
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            damaged = damaged.Length == 0 ? [1] : damaged;
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                Assert.NotEmpty(PromptTokenizer.Load(folder.Path).Encode("Hello, 世界! \u0007").Ids.ToArray());
            }
            catch (OnnxModelException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 20, 60);
    }

    [Fact]
    public void A_vocabulary_without_its_special_pieces_is_refused()
    {
        using ModelFolder folder = ModelFolder.Empty().WithText("vocab.txt", "a\nb\n");
        Assert.Contains("[CLS]", Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_length_without_room_for_text_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PromptTokenizer.Load(Golden.Folder("bert-uncased"), new() { MaxLength = 2 }));

    [Fact]
    public void A_file_that_leaves_no_room_for_text_is_named()
    {
        using ModelFolder folder = ModelFolder.Empty().With(Golden.Folder("bert-uncased"), "vocab.txt").WithText("tokenizer_config.json", """{"model_max_length": 2}""");
        Assert.Contains("model_max_length", Assert.Throws<OnnxModelException>(() => PromptTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }
}
