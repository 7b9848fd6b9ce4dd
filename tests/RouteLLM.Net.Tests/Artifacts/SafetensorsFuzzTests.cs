using System.Globalization;
using System.Text;

namespace RouteLLM.Tests.Artifacts;

/// <summary>Reads thousands of randomly damaged files: each is either refused with <see cref="InvalidArtifactException"/> or read, never anything else.</summary>
/// <remarks>Set the environment variable <c>ROUTELLM_FUZZ_FILES</c> to read more files than the default of 5,000. File <c>i</c> is always the same.</remarks>
public class SafetensorsFuzzTests
{
    // What tends to break readers of JSON, of numbers, and of this format.
    private static readonly byte[][] s_tokens = [.. ((string[])
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\u0061", "\0", "\t", " ", "null", "true", "0", "-1", "-0", "1.0", "1e9", "1e-1", "255",
        "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "99999999999999999999999999999999",
        "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"__metadata__\":{\"k\":\"v\"},", "\"F32\"", "\"F64\"", "\"BOOL\"", "\"I8\"", "\"F8_E4M3\"",
        "[]", "[0]", "[0,0]", "[0,8]", "{}", "[[[[[[", "{\"a\":{\"a\":", "\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},",
    ]).Select(Encoding.UTF8.GetBytes), [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF]];

    [Fact]
    public void Damaged_files_are_refused_or_read()
    {
        int files = int.Parse(Environment.GetEnvironmentVariable("ROUTELLM_FUZZ_FILES") ?? "5000", CultureInfo.InvariantCulture);
        byte[][] seeds =
        [
            SafetensorsBytes.Rich(),
            SafetensorsBytes.Make("{}"),
            SafetensorsBytes.Make("""{"b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]},"a":{"shape":[],"dtype":"F32","data_offsets":[0,4]},"__metadata__":{"k":"v"}}""", 8),
            File.ReadAllBytes(SafetensorsGoldenTests.PathOf("noproj")),
            File.ReadAllBytes(SafetensorsGoldenTests.PathOf("proj")),
        ];
        int read = 0;
        int refused = 0;
        for (int i = 0; i < files; i++)
        {
            byte[] file = Damage(seeds[i % seeds.Length], new Random(i));
            try
            {
                ReadEverything(file);
                read++;
            }
            catch (InvalidArtifactException e)
            {
                refused++;
                Assert.InRange(e.Message.Length, 40, 2000);
            }
            catch (Exception e)
            {
                Assert.Fail($"File {i} was neither refused nor read: {e}\n{Convert.ToBase64String(file)}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{files} files: {read} read, {refused} refused");

        // Damage that is always fatal, or never, would test half of the reader.
        Assert.InRange(read, files / 20, files);
        Assert.InRange(refused, files / 4, files);
    }

    [Fact]
    public void Every_single_bit_flipped_is_refused_or_read()
    {
        byte[] file = SafetensorsBytes.Rich();
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                ReadEverything(file);
            }
            catch (InvalidArtifactException)
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"With bit {bit} flipped the file was neither refused nor read: {e}");
            }

            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static void ReadEverything(byte[] bytes)
    {
        SafetensorsFile file = SafetensorsFile.Parse(bytes, "fuzz");
        SafetensorsWriter writer = new();
        foreach ((string key, string value) in file.Metadata)
        {
            writer.Metadata.Add(key, value);
        }

        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            Assert.Equal(tensor.Shape.Aggregate(1L, static (product, dimension) => product * dimension), tensor.Count);
            writer.Add(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.Data.Span);
        }

        // What one accepts the other must too, and the content must survive.
        SafetensorsFile again = SafetensorsFile.Parse(writer.ToArray());
        Assert.Equal(file.Metadata.Count, again.Metadata.Count);
        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            Assert.True(tensor.Data.Span.SequenceEqual(again.GetTensor(tensor.Name, tensor.DType, [.. tensor.Shape]).Data.Span));
        }

        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            if (tensor.DType is SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F32 or SafetensorsType.F64)
            {
                Assert.Equal(tensor.Count, file.ReadSingles(tensor.Name).Length);
            }
            else if (tensor.DType is SafetensorsType.Bool)
            {
                Assert.Equal(tensor.Count, tensor.AsSpan<bool>().Length);
            }
        }
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        int headerLength = BitConverter.ToInt32(seed);
        List<byte> header = [.. seed.AsSpan(8, headerLength)];
        List<byte> data = [.. seed.AsSpan(8 + headerLength)];

        // The data is mostly free to be anything, so most of the damage goes to the header.
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            Change(random.Next(4) == 0 ? data : header, random);
        }

        // Mostly the length stays right, or few files would get past it.
        ulong? claimed = random.Next(16) switch
        {
            0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            1 => (ulong)Math.Max(0, header.Count + random.Next(-9, 10)),
            _ => null,
        };
        byte[] file = SafetensorsBytes.Make([.. header], [.. data], claimed);
        return random.Next(32) == 0 ? file[..random.Next(file.Length)] : file;
    }

    private static void Change(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int rest = bytes.Count - at;
        int length = Math.Min(rest, random.Next(1, 1 << random.Next(1, 7)));
        switch (random.Next(7))
        {
            case 0 when rest > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when rest > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(at, s_tokens[random.Next(s_tokens.Length)]);
                break;
            case 5:
                ReplaceNumber(bytes, at, random);
                break;
            default:
                bytes.RemoveRange(at, Math.Min(rest, 1));
                bytes.InsertRange(at, s_tokens[random.Next(s_tokens.Length)]);
                break;
        }
    }

    // Keeps the JSON whole, so that shapes and offsets themselves are put to the test.
    private static void ReplaceNumber(List<byte> bytes, int from, Random random)
    {
        int begin = bytes.FindIndex(from, static b => char.IsAsciiDigit((char)b));
        if (begin < 0)
        {
            return;
        }

        int end = bytes.FindIndex(begin, static b => !char.IsAsciiDigit((char)b));
        bytes.RemoveRange(begin, (end < 0 ? bytes.Count : end) - begin);
        bytes.InsertRange(begin, Encoding.UTF8.GetBytes((random.NextInt64() >> random.Next(64)).ToString(CultureInfo.InvariantCulture)));
    }
}
