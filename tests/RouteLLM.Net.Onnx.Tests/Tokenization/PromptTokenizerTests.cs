using System.Text.Json.Nodes;
using CsCheck;

namespace RouteLLM.Onnx.Tests.Tokenization;

public sealed class PromptTokenizerTests
{
    private static readonly string[] s_models = ["bert-uncased", "xlm-roberta", "causal"];

    [Theory]
    [InlineData("bert-uncased", "[CLS] a [SEP][MASK] b", 0, 1, 2, 3, 4)]
    [InlineData("xlm-roberta", "</s> a <s><pad><mask> b", 0, 1, 2, 1001)]
    [InlineData("causal", "[[5]]<|eot_id|> a <|begin_of_text|>", 1256, 1257, 1263, 1268)]
    public void Special_tokens_in_a_prompt_are_plain_text_unless_asked_for(string model, string text, params int[] special)
    {
        PromptTokenizer neutral = PromptTokenizer.Load(Golden.Folder(model));
        PromptTokenizer reference = PromptTokenizer.Load(Golden.Folder(model), new() { NeutralizeSpecialTokens = false });
        int[] around = neutral.Encode("a").Ids.ToArray();

        int[] plain = neutral.Encode(text).Ids.ToArray();
        Assert.DoesNotContain(plain.Skip(1).SkipLast(1), id => special.Contains(id));
        Assert.Equal(around[0], plain[0]);
        Assert.Contains(reference.Encode(text).Ids.ToArray().Skip(1).SkipLast(1), id => special.Contains(id));
    }

    [Fact]
    public void Special_tokens_of_a_template_are_read_as_such_and_those_of_the_prompt_in_it_are_not()
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder("causal"));
        int[] ids = tokenizer.Encode("<|start_header_id|>", "x<|eot_id|>y", "<|eot_id|>").Ids.ToArray();
        Assert.Equal(1260, ids[1]);
        Assert.Equal(1263, ids[^1]);
        Assert.Single(ids, 1263);
    }

    [Fact]
    public void A_special_token_that_prompt_and_template_make_together_is_plain_text()
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder("causal"));
        Assert.DoesNotContain(1268, tokenizer.Encode("[[", "5", "]]").Ids.ToArray());
        Assert.DoesNotContain(1268, tokenizer.Encode("", "[[5", "]]").Ids.ToArray());
    }

    [Fact]
    public void Further_tokens_can_be_made_special_and_others_are_found_in_prompts()
    {
        string json = File.ReadAllText(Path.Combine(Golden.Folder("causal"), "tokenizer.json"));
        using ModelFolder folder = ModelFolder.Empty().WithText("tokenizer.json", WithPlainToken(json, "[[5]]"));
        Assert.Contains(1268, PromptTokenizer.Load(folder.Path).Encode("a [[5]]").Ids.ToArray());
        Assert.DoesNotContain(1268, PromptTokenizer.Load(folder.Path, new() { AdditionalSpecialTokens = ["[[5]]"] }).Encode("a [[5]]").Ids.ToArray());
    }

    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    public void A_long_text_is_cut_and_keeps_its_closing_token(string model)
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder(model), new() { MaxLength = 9 });
        string text = string.Concat(Enumerable.Repeat("one two three ", 50));
        int[] all = PromptTokenizer.Load(Golden.Folder(model), new() { MaxLength = 10_000 }).Encode(text).Ids.ToArray();
        TokenizedPrompt cut = tokenizer.Encode(text);
        Assert.True(cut.IsTruncated);
        Assert.Equal([.. all.Take(8), all[^1]], cut.Ids.ToArray());
        Assert.False(tokenizer.Encode("a").IsTruncated);
    }

    [Fact]
    public void A_tokenizer_that_says_so_cuts_in_front()
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder("causal"), new() { MaxLength = 5 });
        int[] all = PromptTokenizer.Load(Golden.Folder("causal")).Encode("one two three four five six seven").Ids.ToArray();
        Assert.Equal([all[0], .. all.TakeLast(4)], tokenizer.Encode("one two three four five six seven").Ids.ToArray());
    }

    [Fact]
    public void Any_text_gives_ids_within_the_vocabulary_and_no_special_ones_inside()
    {
        int[] sizes = [1538, 1002, 1269];
        PromptTokenizer[] tokenizers = [.. s_models.Select(static model => PromptTokenizer.Load(Golden.Folder(model)))];
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char['\uD800', '\uDFFF'], Gen.Char[' ', '~']), 0, 60].Sample(text =>
        {
            for (int i = 0; i < tokenizers.Length; i++)
            {
                int[] ids = tokenizers[i].Encode(text).Ids.ToArray();
                Assert.All(ids, id => Assert.InRange(id, 0, sizes[i] - 1));
                Assert.DoesNotContain(ids.Skip(1).SkipLast(1), id => i == 0 ? id is 0 or 2 or 3 or 4 : i == 1 ? id is 0 or 1 or 2 or 1001 : id >= 1256);
            }
        });
    }

    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    [InlineData("causal")]
    public void Long_texts_of_one_word_or_of_many_are_encoded(string model)
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder(model));
        int longest = tokenizer.MaxLength ?? int.MaxValue;
        foreach (string text in new[] { new string('a', 100_000), string.Concat(Enumerable.Repeat("日本語 text\r\n", 10_000)), "😀".PadLeft(100_000), string.Concat(Enumerable.Repeat("<s>[SEP]", 12_000)) })
        {
            Assert.InRange(tokenizer.Encode(text).Ids.Length, 2, longest);
        }
    }

    [Theory]
    [InlineData("bert-uncased")]
    [InlineData("xlm-roberta")]
    [InlineData("causal")]
    public void Many_threads_get_the_ids_that_one_gets(string model)
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(Golden.Folder(model)), alone = PromptTokenizer.Load(Golden.Folder(model));
        string[] texts = [.. Golden.ClassifierCases("bert-uncased").Select(static one => one.Text)];
        int[][] expected = [.. texts.Select(text => alone.Encode(text).Ids.ToArray())];
        Parallel.For(0, 20 * texts.Length, i => Assert.Equal(expected[i % texts.Length], tokenizer.Encode(texts[i % texts.Length]).Ids.ToArray()));
    }

    [Fact]
    public void A_vocabulary_with_a_piece_twice_keeps_the_ids_of_the_others()
    {
        using ModelFolder folder = ModelFolder.Empty().WithText("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\nb\n");
        Assert.Equal([2, 5, 6, 1, 3], PromptTokenizer.Load(folder.Path).Encode("a b c").Ids.ToArray());
    }

    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters_to_the_expression_that_splits()
    {
        var splitter = new WordSplitter(@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+", addPrefixSpace: false);
        string text = "a𝒜b 𠮷野家 𝟙𝟚𝟛𝟜 😀!";
        Assert.Equal(["a𝒜b", " 𠮷野家", " ", "𝟙𝟚𝟛", "𝟜", " 😀!"], splitter.Split(text).Select(range => text[range]));
    }

    [Fact]
    public void Words_that_the_vocabulary_has_are_one_token_where_merges_are_ignored()
    {
        string json = File.ReadAllText(Path.Combine(Golden.Folder("causal"), "tokenizer.json"));
        Assert.Contains("\"ignore_merges\": true", json, StringComparison.Ordinal);

        // Without its merges the vocabulary still has the word.
        using var document = System.Text.Json.JsonDocument.Parse(json);
        string merges = document.RootElement.GetProperty("model").GetProperty("merges").GetRawText();
        using ModelFolder ignoring = ModelFolder.Empty().WithText("tokenizer.json", json.Replace(merges, "[]", StringComparison.Ordinal));
        using ModelFolder merging = ModelFolder.Empty().WithText("tokenizer.json", json.Replace(merges, "[]", StringComparison.Ordinal).Replace("\"ignore_merges\": true", "\"ignore_merges\": false", StringComparison.Ordinal));
        Assert.Equal(2, PromptTokenizer.Load(ignoring.Path).Encode(" the").Ids.Length);
        Assert.Equal(5, PromptTokenizer.Load(merging.Path).Encode(" the").Ids.Length);
    }

    [Fact]
    public void Byte_level_tokenizers_may_compose_text_split_as_GPT_2_does_and_put_special_tokens_around()
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Golden.Folder("causal"), "tokenizer.json")))!;
        root["normalizer"] = JsonNode.Parse("""{"type": "NFC"}""");
        root["pre_tokenizer"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}""");
        root["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "cls": ["<|begin_of_text|>", 1256], "sep": ["<|end_of_text|>", 1257], "add_prefix_space": false}""");
        JsonNode spaces = JsonNode.Parse("""{"id": 1270, "content": "  ", "special": false, "lstrip": false, "rstrip": false, "single_word": false, "normalized": true}""")!;
        root["added_tokens"]!.AsArray().Add(spaces);
        using ModelFolder folder = ModelFolder.Empty().WithText("tokenizer.json", root.ToJsonString());
        PromptTokenizer tokenizer = PromptTokenizer.Load(folder.Path);

        int[] ids = tokenizer.Encode("caf\u00e9 it's 12345").Ids.ToArray();
        Assert.Equal((1256, 1257), (ids[0], ids[^1]));
        Assert.Equal(ids, tokenizer.Encode("cafe\u0301 it's 12345").Ids.ToArray());
        Assert.Contains(1270, tokenizer.Encode("a  b").Ids.ToArray());
        string text = "caf\u00e9 it's 12345,  ok\n";
        var splitter = new WordSplitter(WordSplitter.Gpt2Expression, addPrefixSpace: true);
        Assert.Equal(["caf\u00e9", " it", "'s", " 12345", ",", " ", " ok", "\n"], splitter.Split(text).Select(range => text[range]));
        Assert.Equal(" a", splitter.Prepare("a"));
    }

    [Fact]
    public void Base_characters_are_those_of_Unicode_decomposition()
    {
        Assert.SkipWhen("é".Normalize(System.Text.NormalizationForm.FormD).Length == 1, "There is no ICU to compare with.");
        Span<int> bases = stackalloc int[4];
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (!System.Text.Rune.IsValid(value) || char.GetUnicodeCategory(char.ConvertFromUtf32(value), 0) == System.Globalization.UnicodeCategory.OtherNotAssigned)
            {
                continue;
            }

            string expected = string.Concat(char.ConvertFromUtf32(value).Normalize(System.Text.NormalizationForm.FormD).EnumerateRunes()
                .Where(static rune => System.Text.Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.NonSpacingMark));
            int count = CanonicalBases.Decompose(new System.Text.Rune(value), bases);
            Assert.Equal(expected, string.Concat(bases[..count].ToArray().Select(char.ConvertFromUtf32)));
        }
    }

    private static string WithPlainToken(string json, string token)
    {
        JsonNode root = JsonNode.Parse(json)!;
        root["added_tokens"]!.AsArray().Single(item => (string)item!["content"]! == token)!["special"] = false;
        return root.ToJsonString();
    }
}
