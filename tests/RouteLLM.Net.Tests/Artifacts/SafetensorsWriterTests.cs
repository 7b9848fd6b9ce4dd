using System.Text;

namespace RouteLLM.Tests.Artifacts;

public class SafetensorsWriterTests
{
    [Fact]
    public void Bytes_are_those_of_the_format()
    {
        SafetensorsWriter writer = new() { Metadata = { ["b"] = "2", ["B"] = "é", ["a"] = "1" } };
        writer.Add("w", [1, 2], [1f, -2f]);

        byte[] file = writer.ToArray();

        string header = """{"__metadata__":{"B":"é","a":"1","b":"2"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""";
        int length = (Encoding.UTF8.GetByteCount(header) + 7) / 8 * 8;
        Assert.Equal(
            [(byte)length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(header), .. Enumerable.Repeat((byte)' ', length - Encoding.UTF8.GetByteCount(header)), 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0],
            file);
    }

    [Fact]
    public void An_empty_file_is_the_reference_s() => Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], new SafetensorsWriter().ToArray());

    [Fact]
    public void Bytes_do_not_depend_on_the_order_of_adding()
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Rich());
        SafetensorsWriter writer = new();
        foreach ((string key, string value) in file.Metadata.Reverse())
        {
            writer.Metadata[key] = value;
        }

        foreach (SafetensorsTensor tensor in file.Tensors.Values.OrderBy(static tensor => tensor.Name.Length).ThenByDescending(static tensor => tensor.Name, StringComparer.Ordinal))
        {
            writer.Add(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.Data.Span);
        }

        byte[] again = writer.ToArray();

        Assert.Equal(SafetensorsBytes.Rich(), again);
        Assert.Equal(again, writer.ToArray());
    }

    [Fact]
    public void Tensors_are_laid_out_from_the_greatest_alignment_to_the_least_then_by_the_bytes_of_their_names()
    {
        SafetensorsWriter writer = new();

        // In UTF-16 the emoji's surrogates come before U+FF5E; in UTF-8, by which the reference sorts, after it.
        foreach (string name in (string[])["b", "🙂", "\uFF5E", "B", "a.10", "a.2"])
        {
            writer.Add(name, [1], [(sbyte)1]);
        }

        foreach (SafetensorsType type in Enum.GetValues<SafetensorsType>())
        {
            writer.Add(type.ToString(), type, [0], []);
        }

        Assert.Equal(
            ["U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "B", "I8", "a.10", "a.2", "b", "\uFF5E", "🙂", "U8", "Bool"],
            HeaderOrder(writer.ToArray()));
    }

    [Fact]
    public void Stream_and_disk_get_the_same_bytes_and_no_temporary_file_stays()
    {
        SafetensorsWriter writer = new() { Metadata = { ["k"] = "v" } };
        writer.Add("w", [2], [1f, 2f]);
        using MemoryStream stream = new();
        writer.Write(stream);
        InDirectory(directory =>
        {
            string path = Path.Combine(directory, "w.safetensors");
            File.WriteAllText(path, "what was there before");

            writer.Save(path);

            Assert.Equal(writer.ToArray(), File.ReadAllBytes(path));
            Assert.Equal(writer.ToArray(), stream.ToArray());
            Assert.Equal([path], Directory.GetFileSystemEntries(directory));
            SafetensorsFile file = SafetensorsFile.Load(path);
            Assert.Equal(path, file.Name);
            Assert.Equal([1f, 2f], file.ReadSingles("w", 2));
        });
    }

    [Fact]
    public void A_failed_save_leaves_what_was_there() => InDirectory(directory =>
    {
        string path = Path.Combine(directory, "w.safetensors");
        File.WriteAllText(path, "what was there before");
        SafetensorsWriter writer = new() { Metadata = { ["k"] = null! } };

        Assert.Throws<InvalidOperationException>(() => writer.Save(path));

        Assert.Equal("what was there before", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(directory));
    });

    [Fact]
    public void Saving_over_a_directory_or_into_none_fails_and_leaves_nothing_behind() => InDirectory(directory =>
    {
        string inside = Directory.CreateDirectory(Path.Combine(directory, "taken")).FullName;

        Assert.ThrowsAny<SystemException>(() => new SafetensorsWriter().Save(inside));
        Assert.Throws<DirectoryNotFoundException>(() => new SafetensorsWriter().Save(Path.Combine(directory, "none", "w.safetensors")));

        Assert.Equal([inside], Directory.GetFileSystemEntries(directory));
    });

    [Fact]
    public void A_file_cut_short_on_disk_is_refused_by_its_path() => InDirectory(directory =>
    {
        string path = Path.Combine(directory, "w.safetensors");
        File.WriteAllBytes(path, SafetensorsBytes.Rich()[..^1]);

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Load(path));

        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Data_is_copied_when_it_is_added()
    {
        float[] values = [1f];
        SafetensorsWriter writer = new();
        writer.Add("w", [1], values);

        values[0] = 2f;

        Assert.Equal([1f], SafetensorsFile.Parse(writer.ToArray()).ReadSingles("w"));
    }

    [Fact]
    public void What_could_not_be_read_back_is_refused()
    {
        SafetensorsWriter writer = new();
        writer.Add("w", [1], [1f]);

        Assert.Contains("already", Assert.Throws<ArgumentException>(() => writer.Add("w", [1], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("keeps its metadata", Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [1], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("surrogate", Assert.Throws<ArgumentException>(() => writer.Add("\uD800", [1], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("takes 8 bytes; got 4", Assert.Throws<ArgumentException>(() => writer.Add("v", [2], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("negative dimension", Assert.Throws<ArgumentException>(() => writer.Add("v", [-1], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("too large", Assert.Throws<ArgumentException>(() => writer.Add("v", [long.MaxValue], [1f])).Message, StringComparison.Ordinal);
        Assert.Contains("65 dimensions", Assert.Throws<ArgumentException>(() => writer.Add("v", [.. Enumerable.Repeat(1L, 65)], [1f])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add("v", (SafetensorsType)99, [0], []));
        Assert.Equal(["w"], SafetensorsFile.Parse(writer.ToArray()).Tensors.Keys);
    }

    [Fact]
    public void A_header_that_no_reader_would_take_is_refused()
    {
        SafetensorsWriter writer = new() { Metadata = { ["k"] = new string('x', 100_000_000) } };

        Assert.Contains("100000000 is the most", Assert.Throws<InvalidOperationException>(() => writer.Write(Stream.Null)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> HeaderOrder(byte[] file)
    {
        using System.Text.Json.JsonDocument header = System.Text.Json.JsonDocument.Parse(file.AsMemory(8, BitConverter.ToInt32(file)));
        return [.. header.RootElement.EnumerateObject().Select(static tensor => tensor.Name)];
    }

    private static void InDirectory(Action<string> test)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            test(directory.FullName);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
