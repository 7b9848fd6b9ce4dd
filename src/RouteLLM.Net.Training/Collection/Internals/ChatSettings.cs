using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Says in one text what an answer depends on besides the messages.</summary>
internal static class ChatSettings
{
    /// <summary>Describes the model and its options; what an options' factory or tool does inside cannot be seen.</summary>
    public static string Describe(ChatOptions options, IChatClient client)
    {
        string? format = options.ResponseFormat is ChatResponseFormatJson json ? $"json {json.Schema?.GetRawText()}" : options.ResponseFormat?.GetType().Name;
        IEnumerable<string>? additional = options.AdditionalProperties?.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}"));
        return Hash(
            options.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId,
            Invariant($"{options.Temperature}"),
            Invariant($"{options.TopP}"),
            Invariant($"{options.TopK}"),
            Invariant($"{options.MaxOutputTokens}"),
            Invariant($"{options.Seed}"),
            Invariant($"{options.FrequencyPenalty}"),
            Invariant($"{options.PresencePenalty}"),
            Invariant($"{options.Reasoning?.Effort} {options.Reasoning?.Output}"),
            options.Instructions,
            format,
            string.Join('\n', options.StopSequences ?? []),
            string.Join('\n', options.Tools?.Select(static tool => tool.Name) ?? []),
            string.Join('\n', additional ?? []));
    }

    /// <summary>Hashes texts so that no two lists of them come out alike: 128 bits, in hexadecimal digits.</summary>
    public static string Hash(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? part in parts)
        {
            // UTF-16 as it is: invalid surrogates, too, keep texts apart.
            byte[] bytes = part is null ? [] : Encoding.Unicode.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
