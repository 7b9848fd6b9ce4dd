using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RouteLLM;

/// <summary>The header of a safetensors file, checked against the length of what follows it.</summary>
/// <remarks>
/// Reads the header only, so that it serves however the data is held. Nothing is allocated for what a header claims, only for what it spells out.
/// Stricter than the reference implementation in that a tensor has no fields but its three and at most <see cref="SafetensorsFormat.MaxRank"/> dimensions.
/// </remarks>
internal sealed class SafetensorsHeader
{
    private const string Damaged = "The file is damaged, cut short or not safetensors: fetch or write it again.";

    // The header is an object of tensors, each an object of fields, some of them arrays.
    private const int MaxDepth = 3;

    private readonly string? _artifact;
    private readonly long _dataLength;

    private SafetensorsHeader(long dataLength, string? artifact)
    {
        _dataLength = dataLength;
        _artifact = artifact;
    }

    /// <summary>Gets the metadata.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Gets the tensors, in the order of their data.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>Reads how long the header is.</summary>
    /// <param name="prefix">The file's first bytes, eight or, if it has fewer, all of them.</param>
    /// <param name="fileLength">The file's length in bytes.</param>
    /// <param name="artifact">The file's name, for messages.</param>
    /// <returns>The bytes the header takes after the prefix; the file has that many.</returns>
    public static int ReadLength(ReadOnlySpan<byte> prefix, long fileLength, string? artifact)
    {
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(prefix, out ulong length))
        {
            throw new InvalidArtifactException($"it has {fileLength} bytes, and a safetensors file has at least {SafetensorsFormat.PrefixLength}. {Damaged}", artifact);
        }

        if (length > SafetensorsFormat.MaxHeaderLength)
        {
            throw new InvalidArtifactException(
                $"its first eight bytes give the header {length} bytes, and {SafetensorsFormat.MaxHeaderLength} is the most. {Damaged}", artifact);
        }

        long available = fileLength - SafetensorsFormat.PrefixLength;
        return (long)length <= available
            ? (int)length
            : throw new InvalidArtifactException($"its first eight bytes give the header {length} bytes, and {available} follow. {Damaged}", artifact);
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="utf8">The header, without the length before it.</param>
    /// <param name="dataLength">The bytes that follow the header.</param>
    /// <param name="artifact">The file's name, for messages.</param>
    /// <returns>The header.</returns>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> utf8, long dataLength, string? artifact)
    {
        SafetensorsHeader header = new(dataLength, artifact);
        if (utf8.IsEmpty || utf8[0] != '{')
        {
            throw header.Invalid($"its header does not begin with '{{'. {Damaged}");
        }

        if (!Utf8.IsValid(utf8))
        {
            throw header.Invalid($"its header is not valid UTF-8. {Damaged}");
        }

        try
        {
            header.ReadRoot(utf8);
        }
        catch (JsonException e)
        {
            throw new InvalidArtifactException($"its header is not the JSON of a safetensors file: {InvalidArtifactException.Clean(e.Message, 300)} {Damaged}", artifact, null, e);
        }

        header.CheckLayout();
        return header;
    }

    private void ReadRoot(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader json = new(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        HashSet<string> names = [];
        json.Read();
        while (Next(ref json) != JsonTokenType.EndObject)
        {
            string name = ReadString(ref json, null);
            if (!names.Add(name))
            {
                throw Invalid($"its header names {InvalidArtifactException.Quote(name)} twice. Names must be unique: write the file again.");
            }

            if (Next(ref json) != JsonTokenType.StartObject)
            {
                throw Invalid($"the header's entry {InvalidArtifactException.Quote(name)} is {Describe(json)}; an object was expected. {Damaged}");
            }

            if (name == SafetensorsFormat.MetadataKey)
            {
                ReadMetadata(ref json);
            }
            else
            {
                Entries.Add(ReadEntry(ref json, name));
            }
        }

        // Anything but blanks after the object throws here.
        json.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        while (Next(ref json) != JsonTokenType.EndObject)
        {
            string key = ReadString(ref json, null);
            if (Next(ref json) != JsonTokenType.String)
            {
                throw Invalid($"its metadata {InvalidArtifactException.Quote(key)} is {Describe(json)}; metadata values must be strings. Write numbers and lists as text.");
            }

            if (!Metadata.TryAdd(key, ReadString(ref json, null)))
            {
                throw Invalid($"its metadata has the key {InvalidArtifactException.Quote(key)} twice. Keys must be unique: write the file again.");
            }
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader json, string name)
    {
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (Next(ref json) != JsonTokenType.EndObject)
        {
            string field = ReadString(ref json, name);
            Next(ref json);
            switch (field)
            {
                case "dtype" when type is null:
                    type = ReadType(ref json, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref json, name, field, SafetensorsFormat.MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref json, name, field, 2);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Invalid($"its header gives its {field} twice; once was expected. {Damaged}", name);
                default:
                    throw Invalid($"its header has the unknown field {InvalidArtifactException.Quote(field)}; dtype, shape and data_offsets were expected. {Damaged}", name);
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            string missing = type is null ? "dtype" : shape is null ? "shape" : "data_offsets of two numbers";
            throw Invalid($"its header has no {missing}. {Damaged}", name);
        }

        if (begin > end || end > _dataLength)
        {
            throw Invalid($"its data_offsets [{begin}, {end}] do not lie within the {_dataLength} bytes of data. {Damaged}", name);
        }

        if (SafetensorsFormat.ByteLength(type.Value, shape) is not long length)
        {
            throw Invalid($"its shape {SafetensorsFormat.Describe(shape)} multiplies out to more than any file holds. {Damaged}", name);
        }

        return end - begin == length
            ? new SafetensorsEntry(name, type.Value, shape, begin, end)
            : throw Invalid($"its data_offsets [{begin}, {end}] give it {end - begin} bytes, and {SafetensorsFormat.NameOf(type.Value)} of shape {SafetensorsFormat.Describe(shape)} takes {length}. {Damaged}", name);
    }

    private SafetensorsType ReadType(ref Utf8JsonReader json, string tensor)
    {
        string expected = $"one of {string.Join(", ", SafetensorsFormat.TypeNames)} was expected. Convert the tensor to one of these.";
        if (json.TokenType != JsonTokenType.String)
        {
            throw Invalid($"its dtype is {Describe(json)}; {expected}", tensor);
        }

        string name = ReadString(ref json, tensor);
        return SafetensorsFormat.TypeOf(name) ?? throw Invalid($"its dtype is {InvalidArtifactException.Quote(name)}; {expected}", tensor);
    }

    private long[] ReadIntegers(ref Utf8JsonReader json, string tensor, string field, int most)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw Invalid($"its {field} is {Describe(json)}; an array was expected. {Damaged}", tensor);
        }

        Span<long> values = stackalloc long[most];
        int count = 0;
        while (Next(ref json) != JsonTokenType.EndArray)
        {
            if (count == most)
            {
                throw Invalid($"its {field} has more than {most} numbers. {Damaged}", tensor);
            }

            // TryGetInt64 refuses fractions, exponents and overflow; minus zero is refused as the reference does.
            if (json.TokenType != JsonTokenType.Number || json.ValueSpan[0] == '-' || !json.TryGetInt64(out values[count]))
            {
                throw Invalid($"number {count} of its {field} is {Describe(json)}; a whole number from 0 to {long.MaxValue} was expected. {Damaged}", tensor);
            }

            count++;
        }

        return values[..count].ToArray();
    }

    // The reference refuses holes and overlaps: a file could otherwise hide data, or be far larger once loaded than on disk.
    private void CheckLayout()
    {
        Entries.Sort(static (left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        long position = 0;
        foreach (SafetensorsEntry entry in Entries)
        {
            if (entry.Begin != position)
            {
                string fault = entry.Begin < position ? "overlaps the tensor before it, which ends" : "leaves a hole after the tensor before it, which ends";
                throw Invalid($"its data begins at {entry.Begin} and {fault} at {position}; tensors must follow each other without gaps. {Damaged}", entry.Name);
            }

            position = entry.End;
        }

        if (position != _dataLength)
        {
            throw Invalid($"{_dataLength - position} bytes follow the last tensor's data, which ends at {position}; none were expected. {Damaged}");
        }
    }

    private string ReadString(ref Utf8JsonReader json, string? tensor)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidArtifactException($"its header escapes half of a surrogate pair, which is not a character. {Damaged}", _artifact, tensor, e);
        }
    }

    private static JsonTokenType Next(ref Utf8JsonReader json)
    {
        // In a whole document this never returns false before the root has ended: it throws instead.
        json.Read();
        return json.TokenType;
    }

    private static string Describe(Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.Number => InvalidArtifactException.Clean(Encoding.UTF8.GetString(json.ValueSpan[..Math.Min(json.ValueSpan.Length, 40)]), 30),
        JsonTokenType.String => "a string",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.Null => "null",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        var other => other.ToString(),
    };

    private InvalidArtifactException Invalid(string problem, string? tensor = null) => new(problem, _artifact, tensor);
}
