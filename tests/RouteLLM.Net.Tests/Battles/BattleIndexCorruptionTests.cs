using System.Buffers.Binary;

namespace RouteLLM.Tests.Battles;

/// <summary>Files that are no sound index are refused with the reason, on opening or when the damage is read.</summary>
public sealed class BattleIndexCorruptionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("routellm-index-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("""{"kind":"something-else"}""", "kind")]
    [InlineData("""{"version":"2"}""", "version")]
    [InlineData("""{"models":"[]"}""", "models")]
    [InlineData("""{"models":"[\"a\",\"a\"]"}""", "models")]
    [InlineData("""{"models":"[1]"}""", "models")]
    [InlineData("""{"models":"{"}""", "models")]
    public void Wrong_metadata_is_refused(string change, string named)
    {
        SafetensorsWriter writer = Sound();
        foreach (System.Text.Json.JsonProperty property in System.Text.Json.JsonDocument.Parse(change).RootElement.EnumerateObject())
        {
            writer.Metadata[property.Name] = property.Value.GetString()!;
        }

        Assert.Contains(named, Refused(writer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_metadata_is_refused()
    {
        foreach (string key in new[] { "kind", "version", "models" })
        {
            SafetensorsWriter writer = Sound();
            writer.Metadata.Remove(key);
            Assert.Contains(key, Refused(writer).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tensors_that_are_missing_or_of_another_shape_or_type_are_refused_by_name()
    {
        foreach (string missing in new[] { "embeddings", "norms", "model_a", "model_b", "winner" })
        {
            Assert.Equal(missing, Refused(Sound(without: missing)).TensorName);
        }

        SafetensorsWriter shortNorms = Sound(without: "norms");
        shortNorms.Add("norms", SafetensorsType.F64, [1], new byte[8]);
        Assert.Equal("norms", Refused(shortNorms).TensorName);

        SafetensorsWriter wide = Sound(without: "embeddings");
        wide.Add("embeddings", SafetensorsType.F64, [2, 2], new byte[32]);
        Assert.Equal("embeddings", Refused(wide).TensorName);

        SafetensorsWriter flat = Sound(without: "embeddings");
        flat.Add("embeddings", [4], [1f, 2, 3, 4]);
        Assert.Equal("embeddings", Refused(flat).TensorName);

        SafetensorsWriter empty = Sound(without: "embeddings");
        empty.Add("embeddings", [2, 0], ReadOnlySpan<float>.Empty);
        Assert.Equal("embeddings", Refused(empty).TensorName);

        SafetensorsWriter noOffsets = Sound();
        noOffsets.Add("prompts", SafetensorsType.U8, [3], "abc"u8);
        Assert.Equal("prompt_offsets", Refused(noOffsets).TensorName);

        SafetensorsWriter noScales = Sound(without: "embeddings");
        noScales.Add("embeddings", SafetensorsType.I8, [2, 2], new byte[4]);
        Assert.Equal("scales", Refused(noScales).TensorName);

        SafetensorsWriter scores = Sound();
        scores.Add("scores", [2, 3], new float[6]);
        Assert.Equal("scores", Refused(scores).TensorName);
    }

    [Fact]
    public void Rows_that_name_no_model_or_no_winner_are_refused_when_they_are_read()
    {
        foreach ((string tensor, byte[] data) in new[] { ("model_a", new byte[] { 0, 0, 2, 0 }), ("model_b", [1, 0, 0xFF, 0xFF]), ("model_b", [1, 0, 0, 0]), ("winner", [0, 3]) })
        {
            SafetensorsWriter writer = Sound(without: tensor);
            writer.Add(tensor, tensor == "winner" ? SafetensorsType.U8 : SafetensorsType.U16, [2], data);
            using BattleIndex index = BattleIndex.Parse(writer.ToArray());
            Assert.Contains("row 1", Assert.Throws<InvalidArtifactException>(() => index.GetBattle(1)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidArtifactException>(() => new SimilarityWeightedRouter(index, "a", "b", FakeEmbeddingGenerator.None));
            Assert.Throws<InvalidArtifactException>(() => new NearestNeighborRouter(index, "a", "b", FakeEmbeddingGenerator.None));
        }
    }

    [Fact]
    public void Embeddings_and_norms_that_give_no_cosine_are_refused_when_they_are_read()
    {
        foreach (float[] embeddings in new float[][] { [1, 0, float.NaN, 1], [1, 0, float.PositiveInfinity, 1], [1, 0, 9, 9] })
        {
            SafetensorsWriter writer = Sound(without: "embeddings");
            writer.Add("embeddings", [2, 2], embeddings);
            using BattleIndex index = BattleIndex.Parse(writer.ToArray(), "mine");
            InvalidArtifactException exception = Assert.Throws<InvalidArtifactException>(() => index.ComputeSimilarities([1, 1], new double[2]));
            Assert.Contains("row 1", exception.Message, StringComparison.Ordinal);
            Assert.Equal("mine", exception.ArtifactName);
        }
    }

    [Fact]
    public void Prompts_that_lie_outside_the_text_are_refused_when_they_are_read()
    {
        foreach (long[] offsets in new long[][] { [0, 2, 4], [0, -1, 3], [2, 1, 3], [0, long.MaxValue, 3], [long.MinValue, 0, 3] })
        {
            SafetensorsWriter writer = Sound();
            writer.Add("prompts", SafetensorsType.U8, [3], "abc"u8);
            byte[] bytes = new byte[24];
            for (int i = 0; i < 3; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), offsets[i]);
            }

            writer.Add("prompt_offsets", SafetensorsType.I64, [3], bytes);
            using BattleIndex index = BattleIndex.Parse(writer.ToArray());
            InvalidArtifactException exception = Assert.Throws<InvalidArtifactException>(() =>
            {
                index.GetPrompt(0);
                index.GetPrompt(1);
            });
            Assert.Equal("prompt_offsets", exception.TensorName);
        }
    }

    [Fact]
    public void Scores_outside_0_to_1_are_refused_when_they_are_read()
    {
        SafetensorsWriter writer = Sound();
        writer.Add("scores", [2, 2], [0f, 1, 1.5f, 0]);
        using BattleIndex index = BattleIndex.Parse(writer.ToArray());
        Assert.Throws<InvalidArtifactException>(() => index.GetScores(1));
        Assert.Throws<InvalidArtifactException>(() => new NearestNeighborRouter(index, "a", "b", FakeEmbeddingGenerator.None));
    }

    [Fact]
    public void Files_cut_short_at_any_byte_are_refused()
    {
        byte[] sound = Sound().ToArray();
        string path = Path.Combine(_directory, "cut.safetensors");
        for (int length = 0; length < sound.Length; length++)
        {
            Assert.Throws<InvalidArtifactException>(() => BattleIndex.Parse(sound.AsMemory(0, length)));
            if (length % 16 == 0)
            {
                File.WriteAllBytes(path, sound[..length]);
                Assert.Equal(path, Assert.Throws<InvalidArtifactException>(() => BattleIndex.Open(path)).ArtifactName);
            }
        }

        File.WriteAllBytes(path, sound);
        BattleIndex.Open(path).Dispose();
        Assert.Throws<FileNotFoundException>(() => BattleIndex.Open(Path.Combine(_directory, "missing")));
    }

    [Fact]
    public void Files_with_damaged_bytes_are_refused_or_read_within_bounds()
    {
        byte[] sound = RandomIndexBytes();
        var random = new Random(11);
        int refused = 0, read = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = (byte[])sound.Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                // Half of the damage to the header, which is where it tells.
                damaged[random.Next(2) == 0 ? random.Next(Math.Min(900, damaged.Length)) : random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using BattleIndex index = BattleIndex.Parse(damaged);
                double[] similarities = new double[index.Count];
                index.ComputeSimilarities(new float[index.Dimensions], similarities);
                float[] query = [.. Enumerable.Repeat(1f, index.Dimensions)];
                index.ComputeSimilarities(query, similarities);
                for (int row = 0; row < index.Count; row++)
                {
                    index.GetBattle(row);
                }

                read++;
            }
            catch (InvalidArtifactException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000 && read > 1000, $"{refused} refused, {read} read");
    }

    private static byte[] RandomIndexBytes()
    {
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Precision = EmbeddingPrecision.Byte });
        foreach ((Battle battle, float[] embedding) in RandomBattles.Make(1, 6, 10))
        {
            builder.Add(battle, embedding);
        }

        return builder.ToArray();
    }

    /// <summary>Two battles of a and b, embedded as [1, 0] and [0, 1].</summary>
    private static SafetensorsWriter Sound(string? without = null)
    {
        SafetensorsWriter writer = new() { Metadata = { ["kind"] = "battle-index", ["version"] = "1", ["models"] = """["a","b"]""" } };
        Add("embeddings", SafetensorsType.F32, [2, 2], [0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F]);
        Add("norms", SafetensorsType.F64, [2], [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]);
        Add("model_a", SafetensorsType.U16, [2], [0, 0, 0, 0]);
        Add("model_b", SafetensorsType.U16, [2], [1, 0, 1, 0]);
        Add("winner", SafetensorsType.U8, [2], [0, 1]);
        return writer;

        void Add(string name, SafetensorsType type, long[] shape, byte[] data)
        {
            if (name != without)
            {
                writer.Add(name, type, shape, data);
            }
        }
    }

    private static InvalidArtifactException Refused(SafetensorsWriter writer) => Assert.Throws<InvalidArtifactException>(() => BattleIndex.Parse(writer.ToArray()));
}
