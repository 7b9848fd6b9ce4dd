using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RouteLLM.Evaluation;

/// <summary>Remembers where ids were seen, by 64 bits of their hash: two of a million rows share those with a probability of 3 in 100 million.</summary>
internal sealed class SeenIds
{
    private readonly Dictionary<ulong, RowOrigin> _origins = [];

    /// <summary>Passes a row on if its id is new.</summary>
    /// <exception cref="EvaluationDataException">It is not.</exception>
    public EvaluationRow RequireNew(EvaluationRow row)
    {
        RowOrigin origin = row.Origin!.Value;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(row.Id), hash);
        return _origins.TryAdd(BinaryPrimitives.ReadUInt64LittleEndian(hash), origin)
            ? row
            : throw new EvaluationDataException(
                origin.File, origin.Line, $"the id \"{row.Id}\" was there already ({_origins[BinaryPrimitives.ReadUInt64LittleEndian(hash)]}). Take one of the rows out, or allow duplicate ids ({nameof(EvaluationReaderOptions.AllowDuplicateIds)}).");
    }
}
