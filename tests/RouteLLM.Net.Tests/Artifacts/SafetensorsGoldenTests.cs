namespace RouteLLM.Tests.Artifacts;

/// <summary>Files written by the reference implementation: small models of RouteLLM's matrix factorization kind.</summary>
public class SafetensorsGoldenTests
{
    internal static string PathOf(string name)
    {
        string file = Path.Combine("tests", "RouteLLM.Net.Tests", "Artifacts", "golden", name + ".safetensors");
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, file)))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory?.FullName ?? throw new FileNotFoundException($"There is no {file} above {AppContext.BaseDirectory}."), file);
    }

    [Fact]
    public void Tensors_of_a_reference_file_have_their_names_types_and_shapes()
    {
        SafetensorsFile file = SafetensorsFile.Load(PathOf("proj"));

        Assert.Equal(
            ["P.weight F32 64x16", "classifier.0.weight F32 1x16", "text_proj.0.weight F32 16x96"],
            file.Tensors.Values.Select(static tensor => $"{tensor.Name} {tensor.DType} {string.Join('x', tensor.Shape)}"));
        Assert.Empty(file.Metadata);
    }

    [Theory]
    [InlineData("noproj", "P.weight", 0, 0xBE072E63u)]
    [InlineData("noproj", "P.weight", 1, 0xBE0072B9u)]
    [InlineData("proj", "P.weight", 0, 0xBF02C3A1u)]
    [InlineData("proj", "P.weight", 1, 0x3F839E69u)]
    public void Numbers_of_a_reference_file_are_read_to_the_bit(string model, string tensor, int index, uint bits)
    {
        float[] values = SafetensorsFile.Load(PathOf(model)).ReadSingles(tensor, 64, -1);

        Assert.Equal(bits, BitConverter.SingleToUInt32Bits(values[index]));
    }

    [Theory]
    [InlineData("noproj")]
    [InlineData("proj")]
    public void Writing_what_was_read_gives_the_bytes_the_reference_wrote(string model)
    {
        byte[] reference = File.ReadAllBytes(PathOf(model));
        SafetensorsWriter writer = new();
        foreach (SafetensorsTensor tensor in SafetensorsFile.Parse(reference).Tensors.Values.Reverse())
        {
            writer.Add(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.Data.Span);
        }

        Assert.Equal(reference, writer.ToArray());
    }

    [Theory]
    [InlineData("noproj", "3d4c05a636beec39542361d45dabcd5c56385ead7d785e0708f37032fb83d7f3")]
    [InlineData("proj", "f79b6307e37804cc31325a4b4db6d62310cc177c4458d82b6d57321a5eee424d")]
    public void Fingerprint_is_the_sha256_of_the_whole_file(string model, string sha256) =>
        Assert.Equal(sha256, SafetensorsFile.Load(PathOf(model)).Fingerprint);
}
