using System.Text;

namespace RouteLLM.Tests.Artifacts;

/// <summary>Every kind of damage is refused with a message that says what was wrong; nothing is allocated for what a header merely claims.</summary>
public class SafetensorsCorruptionTests
{
    private const string Sound = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_too_short_for_a_header_length_is_refused(int length) => Refuses(new byte[length], $"it has {length} bytes", "at least 8");

    [Theory]
    [InlineData(55u, "54 follow")]
    [InlineData(100_000_000u, "54 follow")]
    [InlineData(100_000_001u, "100000000 is the most")]
    [InlineData(ulong.MaxValue, "100000000 is the most")]
    [InlineData(0x8000000000000008u, "100000000 is the most")]
    public void A_header_beyond_the_file_or_the_limit_is_refused(ulong claimed, string essence) =>
        Refuses(SafetensorsBytes.Make(Encoding.UTF8.GetBytes(Sound), [], claimed), $"give the header {claimed} bytes", essence);

    [Theory]
    [InlineData("")]
    [InlineData(" {}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\uFEFF{}")]
    public void A_header_that_does_not_begin_with_a_brace_is_refused(string header) => Refuses(SafetensorsBytes.Make(header), "does not begin with '{'");

    [Fact]
    public void Invalid_utf8_is_refused() => Refuses(SafetensorsBytes.Make([.. "{\""u8, 0xC3, 0x28, .. "\":{}}"u8], []), "not valid UTF-8");

    [Theory]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("{}\0")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"__metadata__\":{},}")]
    [InlineData("{/**/}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[[[1]]],\"data_offsets\":[0,4]}}")]
    public void What_is_not_json_is_refused(string header) => Refuses(SafetensorsBytes.Make(header), "not the JSON of a safetensors file");

    [Theory]
    [InlineData("[", "")]
    [InlineData("{\"a\":", "")]
    [InlineData("[", "{\"shape\":")]
    [InlineData("{\"a\":", "{\"a\":")]
    public void Deep_nesting_is_refused_however_deep(string opening, string before) =>
        Refuses(SafetensorsBytes.Make("{\"a\":" + before + string.Concat(Enumerable.Repeat(opening, 1_000_000))));

    [Theory]
    [InlineData("{\"\\ud800\":{}}")]
    [InlineData("{\"__metadata__\":{\"k\":\"\\udc00\"}}")]
    [InlineData("{\"a\":{\"\\ud800\":1}}")]
    [InlineData("{\"a\":{\"dtype\":\"\\ud800x\"}}")]
    public void Half_a_surrogate_pair_is_refused(string header) => Refuses(SafetensorsBytes.Make(header), "half of a surrogate pair");

    [Theory]
    [InlineData("{\"a\":1}", "'a' is 1; an object was expected")]
    [InlineData("{\"a\":[]}", "'a' is an array; an object was expected")]
    [InlineData("{\"a\":null}", "'a' is null; an object was expected")]
    [InlineData("{\"__metadata__\":\"x\"}", "'__metadata__' is a string; an object was expected")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "metadata 'k' is 1; metadata values must be strings")]
    [InlineData("{\"__metadata__\":{\"k\":null}}", "metadata 'k' is null")]
    [InlineData("{\"__metadata__\":{\"k\":{}}}", "metadata 'k' is an object")]
    [InlineData("{\"__metadata__\":{\"k\":[\"v\"]}}", "metadata 'k' is an array")]
    [InlineData("{\"__metadata__\":{\"k\":true}}", "metadata 'k' is true")]
    public void Values_of_the_wrong_kind_are_refused(string header, string essence) => Refuses(SafetensorsBytes.Make(header), essence);

    [Theory]
    [InlineData("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "the key 'k' twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", "names '__metadata__' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", "names 'a' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", "gives its dtype twice")]
    [InlineData("{\"a\":{\"shape\":[0],\"shape\":[0]}}", "gives its shape twice")]
    [InlineData("{\"a\":{\"data_offsets\":[0,0],\"data_offsets\":[0,0]}}", "gives its data_offsets twice")]
    public void Duplicate_keys_are_refused(string header, string essence) => Refuses(SafetensorsBytes.Make(header), essence);

    [Theory]
    [InlineData("\"shape\":[0],\"data_offsets\":[0,0]", "no dtype")]
    [InlineData("\"dtype\":\"U8\",\"data_offsets\":[0,0]", "no shape")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[0]", "no data_offsets of two numbers")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]", "no data_offsets of two numbers")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0,0]", "data_offsets has more than 2")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"strides\":[1]", "unknown field 'strides'")]
    [InlineData("\"dtype\":3,\"shape\":[0],\"data_offsets\":[0,0]", "dtype is 3; one of BOOL, U8, I8")]
    [InlineData("\"dtype\":\"F8_E4M3\",\"shape\":[0],\"data_offsets\":[0,0]", "dtype is 'F8_E4M3'; one of BOOL, U8, I8")]
    [InlineData("\"dtype\":\"f32\",\"shape\":[0],\"data_offsets\":[0,0]", "dtype is 'f32'; one of BOOL, U8, I8")]
    [InlineData("\"dtype\":\"U8\",\"shape\":0,\"data_offsets\":[0,0]", "shape is 0; an array was expected")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":{}", "data_offsets is an object; an array was expected")]
    public void A_tensor_without_its_three_fields_is_refused(string fields, string essence) => RefusesTensor(fields, 0, essence);

    [Theory]
    [InlineData("-1", "number 0 of its shape is -1; a whole number")]
    [InlineData("-0", "number 0 of its shape is -0; a whole number")]
    [InlineData("1,2.0", "number 1 of its shape is 2.0; a whole number")]
    [InlineData("1e2", "number 0 of its shape is 1e2; a whole number")]
    [InlineData("9223372036854775808", "number 0 of its shape is 9223372036854775808; a whole number")]
    [InlineData("\"4\"", "number 0 of its shape is a string; a whole number")]
    [InlineData("null", "number 0 of its shape is null; a whole number")]
    [InlineData("4294967296,4294967296", "shape [4294967296, 4294967296] multiplies out to more")]
    [InlineData("2305843009213693952", "multiplies out to more")]
    [InlineData("9223372036854775807,9223372036854775807,9223372036854775807", "multiplies out to more")]
    [InlineData("1099511627776", "F32 of shape [1099511627776] takes 4398046511104")]
    [InlineData("3", "give it 8 bytes, and F32 of shape [3] takes 12")]
    [InlineData("0", "give it 8 bytes, and F32 of shape [0] takes 0")]
    [InlineData("", "give it 8 bytes, and F32 of shape [] takes 4")]
    public void Impossible_shapes_are_refused(string shape, string essence) =>
        RefusesTensor($"\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[0,8]", 8, essence);

    [Fact]
    public void More_dimensions_than_any_framework_has_are_refused() =>
        RefusesTensor($"\"dtype\":\"F32\",\"shape\":[{string.Join(',', Enumerable.Repeat("1", 1_000_000))}],\"data_offsets\":[0,4]", 4, "shape has more than 64");

    [Theory]
    [InlineData("-8,0", "number 0 of its data_offsets is -8")]
    [InlineData("0,8.5", "number 1 of its data_offsets is 8.5")]
    [InlineData("0,18446744073709551616", "number 1 of its data_offsets is 18446744073709551616")]
    [InlineData("0,16", "[0, 16] do not lie within the 8 bytes")]
    [InlineData("8,0", "[8, 0] do not lie within the 8 bytes")]
    [InlineData("8,16", "[8, 16] do not lie within the 8 bytes")]
    [InlineData("9223372036854775799,9223372036854775807", "do not lie within the 8 bytes")]
    [InlineData("0,4", "give it 4 bytes, and F32 of shape [2] takes 8")]
    public void Impossible_offsets_are_refused(string offsets, string essence) =>
        RefusesTensor($"\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[{offsets}]", 8, essence);

    [Theory]
    [InlineData(0, 8, 0, 8, "begins at 0 and overlaps the tensor before it, which ends at 8")]
    [InlineData(0, 8, 4, 12, "begins at 4 and overlaps the tensor before it, which ends at 8")]
    [InlineData(0, 8, 9, 17, "begins at 9 and leaves a hole after the tensor before it, which ends at 8")]
    [InlineData(4, 12, 12, 20, "begins at 4 and leaves a hole")]
    [InlineData(0, 8, 8, 16, "4 bytes follow the last tensor's data, which ends at 16")]
    public void Overlaps_holes_and_trailing_data_are_refused(int begin1, int end1, int begin2, int end2, string essence) =>
        Refuses(
            SafetensorsBytes.Make($$$"""{"a":{"dtype":"F32","shape":[2],"data_offsets":[{{{begin1}}},{{{end1}}}]},"b":{"dtype":"F32","shape":[2],"data_offsets":[{{{begin2}}},{{{end2}}}]}}""", 20),
            essence);

    [Fact]
    public void Data_without_a_tensor_is_refused() => Refuses(SafetensorsBytes.Make("{}", 1), "1 bytes follow");

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] file = SafetensorsBytes.Rich();

        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(file.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Claims_of_a_header_are_not_allocated()
    {
        byte[][] claims =
        [
            SafetensorsBytes.Make(Encoding.UTF8.GetBytes(Sound), [], 99_999_999),
            SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]}}"""),
            SafetensorsBytes.Make("""{"a":{"dtype":"F32","shape":[1000000000,0],"data_offsets":[0,8]}}""", 8),
        ];

        Assert.All(claims, static file =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(file));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        });
    }

    [Fact]
    public void Messages_name_the_file_and_the_tensor_and_say_what_to_do()
    {
        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() =>
            SafetensorsFile.Parse(SafetensorsBytes.Make("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8), "model.safetensors"));

        Assert.Equal("model.safetensors", e.ArtifactName);
        Assert.Equal("w", e.TensorName);
        Assert.Equal(
            "The artifact 'model.safetensors', tensor 'w', cannot be used: its data_offsets [0, 8] give it 8 bytes, and F32 of shape [3] takes 12. "
            + "The file is damaged, cut short or not safetensors: fetch or write it again.",
            e.Message);
    }

    [Fact]
    public void Messages_quote_names_from_the_file_short_and_without_control_characters()
    {
        string name = "evil\n\u202E\u0007" + new string('x', 1_000_000);

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(SafetensorsBytes.Make($"{{{System.Text.Json.JsonSerializer.Serialize(name)}:1}}")));

        Assert.Contains("'evil\\u000a\\u202e\\u0007xxx", e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 100, 500);
    }

    private static void RefusesTensor(string fields, int dataLength, string essence)
    {
        InvalidArtifactException e = Refuses(SafetensorsBytes.Make($"{{\"w\":{{{fields}}}}}", dataLength), essence, "tensor 'w'");
        Assert.Equal("w", e.TensorName);
    }

    private static InvalidArtifactException Refuses(byte[] file, params string[] essences)
    {
        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(file, "x.safetensors"));
        Assert.Equal("x.safetensors", e.ArtifactName);
        Assert.All(essences.Append("'x.safetensors'"), essence => Assert.Contains(essence, e.Message, StringComparison.Ordinal));
        return e;
    }
}
