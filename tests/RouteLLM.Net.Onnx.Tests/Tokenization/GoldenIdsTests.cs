using System.Text.Json;

namespace RouteLLM.Onnx.Tests.Tokenization;

public sealed class GoldenIdsTests
{
    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    public void Ids_of_classifiers_equal_the_reference_which_reads_special_tokens_as_such(string model)
    {
        string folder = Golden.Folder(model);
        PromptTokenizer tokenizer = PromptTokenizer.Load(folder, new() { NeutralizeSpecialTokens = false });
        Assert.Equal(512, tokenizer.MaxLength);
        Check(tokenizer, Path.Combine(folder, "cases.json"), "text", "ids", 44);
    }

    [Theory]
    [InlineData("bert-uncased", "vocab.txt", "tokenizer_config.json")]
    [InlineData("bert-uncased", "tokenizer.json", "tokenizer_config.json")]
    [InlineData("xlm-roberta", "sentencepiece.bpe.model", "tokenizer_config.json")]
    public void Either_form_of_a_tokenizer_gives_the_same_ids(string model, params string[] files)
    {
        using ModelFolder folder = ModelFolder.Empty().With(Golden.Folder(model), files);
        Check(PromptTokenizer.Load(folder.Path, new() { NeutralizeSpecialTokens = false }), Path.Combine(Golden.Folder(model), "cases.json"), "text", "ids", 44);
    }

    [Fact]
    public void Ids_of_the_sentence_embedding_model_equal_the_reference()
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Shared("models/all-minilm-l6-v2-int8"), new() { MaxLength = 256, NeutralizeSpecialTokens = false });
        Check(tokenizer, Golden.Shared("golden/minilm/cases.json"), "text", "ids", 48);
    }

    [Fact]
    public void Ids_of_the_causal_model_equal_the_reference()
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder("causal"), new() { NeutralizeSpecialTokens = false });
        Assert.Null(tokenizer.MaxLength);
        Check(tokenizer, Golden.Shared("golden/causal/cases.json"), "text", "input_ids", 48);
    }

    private static void Check(PromptTokenizer tokenizer, string cases, string textName, string idsName, int count)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(cases));
        Assert.Equal(count, document.RootElement.GetArrayLength());
        Assert.All(document.RootElement.EnumerateArray(), entry => Assert.Equal(
            entry.GetProperty(idsName).EnumerateArray().Select(static id => id.GetInt32()), tokenizer.Encode(entry.GetProperty(textName).GetString()!).Ids.ToArray()));
    }
}
