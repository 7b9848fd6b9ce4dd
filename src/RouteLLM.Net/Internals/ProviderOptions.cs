using System.ClientModel.Primitives;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Makes the options that one attempt passes to a provider: the caller's, cloned, with the route's model and without routing's own settings.</summary>
internal static class ProviderOptions
{
#pragma warning disable SCME0001 // JsonPatch is experimental; it is used in this file alone, since it is where OpenAI's options carry a raw model name.
    private delegate ref JsonPatch PatchGetter();

    public static ChatOptions? For(ModelRoute route, ChatOptions? options) => For(route, deployment: null, options);

    public static ChatOptions? For(ModelRoute route, ModelDeployment? deployment, ChatOptions? options)
    {
        string? modelId = deployment?.ModelId ?? route.ModelId;
        if (options is null)
        {
            return modelId is null ? null : new ChatOptions { ModelId = modelId };
        }

        ChatOptions clone = options.Clone();
        clone.ModelId = modelId;
        if (clone.AdditionalProperties is { Count: > 0 } properties)
        {
            properties.Remove(RoutingKeys.Route);
            properties.Remove(RoutingKeys.Router);
            properties.Remove(RoutingKeys.Threshold);
            properties.Remove(RoutingKeys.StrongShare);
            properties.Remove(RoutingKeys.Group);
            properties.Remove(RoutingKeys.Tenant);
            properties.Remove(RoutingKeys.User);
            properties.Remove(RoutingKeys.Conversation);
            if (properties.Count == 0)
            {
                clone.AdditionalProperties = null;
            }
        }

        if (options.RawRepresentationFactory is { } factory)
        {
            clone.RawRepresentationFactory = client => WithModel(factory(client), modelId ?? route.EffectiveModelId);
        }

        return clone;
    }

    /// <summary>Gives a provider's own options object the route's model, where it names a model itself: that name would win over <see cref="ChatOptions.ModelId"/>.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "An application that sets such a property keeps it; where it was trimmed away, nothing has set it and there is nothing to correct.")]
    private static object? WithModel(object? raw, string? modelId)
    {
        if (raw is null)
        {
            return raw;
        }

        foreach (string name in (ReadOnlySpan<string>)["Model", "ModelId"])
        {
            if (raw.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance, null, typeof(string), [], null) is { CanRead: true, CanWrite: true } property &&
                property.SetMethod!.IsPublic && property.GetValue(raw) is string)
            {
                property.SetValue(raw, modelId);
            }
        }

        if (raw.GetType().GetProperty("Patch", BindingFlags.Public | BindingFlags.Instance)?.GetMethod is { } getter && getter.ReturnType == typeof(JsonPatch).MakeByRefType())
        {
            ref JsonPatch patch = ref getter.CreateDelegate<PatchGetter>(raw)();
            if (patch.TryGetValue("$.model"u8, out string? named) && named is not null)
            {
                if (modelId is null)
                {
                    patch.Remove("$.model"u8);
                }
                else
                {
                    patch.Set("$.model"u8, modelId);
                }
            }
        }
        return raw;
    }
#pragma warning restore SCME0001
}
