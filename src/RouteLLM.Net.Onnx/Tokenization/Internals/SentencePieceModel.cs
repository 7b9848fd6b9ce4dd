using System.Buffers.Binary;
using System.Text;

namespace RouteLLM.Onnx;

/// <summary>What is read of a SentencePiece model's file besides what Microsoft.ML.Tokenizers reads of it: how text is normalized, and how many pieces there are.</summary>
/// <remarks>The file is a protocol buffer, sentencepiece_model.proto of SentencePiece.</remarks>
internal sealed class SentencePieceModel
{
    private const int VarintType = 0, Fixed64Type = 1, BytesType = 2, Fixed32Type = 5;

    /// <summary>Gets the number of pieces.</summary>
    public int PieceCount { get; private set; }

    /// <summary>Gets the compiled table of what characters are replaced by.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraWhiteSpace { get; private set; } = true;

    /// <summary>Gets the first pieces, enough to see whose ids they are.</summary>
    public List<string> FirstPieces { get; } = [];

    /// <exception cref="InvalidDataException">The bytes are no such model.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> file)
    {
        var model = new SentencePieceModel();
        while (NextField(ref file, out int field, out ReadOnlySpan<byte> bytes, out _))
        {
            if (field == 1)
            {
                model.PieceCount++;
                if (model.FirstPieces.Count < 3)
                {
                    model.FirstPieces.Add(ReadPiece(bytes));
                }
            }
            else if (field == 3)
            {
                model.ReadNormalizer(bytes);
            }
        }

        return model.PieceCount > 0 ? model : throw new InvalidDataException("it holds no pieces");
    }

    private static string ReadPiece(ReadOnlySpan<byte> piece)
    {
        while (NextField(ref piece, out int field, out ReadOnlySpan<byte> bytes, out _))
        {
            if (field == 1)
            {
                return Encoding.UTF8.GetString(bytes);
            }
        }

        return "";
    }

    private void ReadNormalizer(ReadOnlySpan<byte> normalizer)
    {
        while (NextField(ref normalizer, out int field, out ReadOnlySpan<byte> bytes, out ulong value))
        {
            switch (field)
            {
                case 2:
                    CharacterMap = bytes.ToArray();
                    break;
                case 3:
                    AddDummyPrefix = value != 0;
                    break;
                case 4:
                    RemoveExtraWhiteSpace = value != 0;
                    break;
            }
        }
    }

    private static bool NextField(ref ReadOnlySpan<byte> rest, out int field, out ReadOnlySpan<byte> bytes, out ulong value)
    {
        bytes = default;
        value = 0;
        field = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        ulong key = ReadVarint(ref rest);
        field = (int)(key >> 3);
        switch ((int)(key & 7))
        {
            case VarintType:
                value = ReadVarint(ref rest);
                break;
            case Fixed64Type:
                value = BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, sizeof(ulong)));
                break;
            case BytesType:
                bytes = Take(ref rest, ReadVarint(ref rest));
                break;
            case Fixed32Type:
                value = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, sizeof(uint)));
                break;
            default:
                throw new InvalidDataException("it is no protocol buffer");
        }

        return true;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length)
        {
            throw new InvalidDataException("it ends too early");
        }

        ReadOnlySpan<byte> taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(ref rest, 1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("it is no protocol buffer");
    }
}
