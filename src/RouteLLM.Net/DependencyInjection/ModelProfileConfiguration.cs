namespace RouteLLM.DependencyInjection;

/// <summary>Reads what is known of a model: <c>Price</c> (<c>Input</c>, <c>Output</c>, <c>CachedInput</c>, USD per million tokens), <c>ContextWindow</c>, <c>Abilities</c>, <c>Tags</c> and <c>Region</c>.</summary>
internal static class ModelProfileConfiguration
{
    /// <param name="profile">What is known already; the configuration's values replace its own.</param>
    public static ModelProfile Read(ConfigurationReader reader, ModelProfile profile)
    {
        reader.Section(nameof(ModelProfile.Price), section => profile = profile with { Price = ReadPrice(section) });
        reader.Whole(nameof(ModelProfile.ContextWindow), value => profile = profile with { ContextWindow = value });
        reader.Texts(nameof(ModelProfile.Abilities), names => profile = profile with { Abilities = ReadAbilities(reader, names) });
        reader.Texts(nameof(ModelProfile.Tags), tags => profile = profile with { Tags = tags });
        reader.Text(nameof(ModelProfile.Region), value => profile = profile with { Region = value });
        return profile;
    }

    private static TokenPrice ReadPrice(ConfigurationReader reader)
    {
        decimal? input = null, output = null, cachedInput = null;
        reader.Money("Input", value => input = value);
        reader.Money("Output", value => output = value);
        reader.Money("CachedInput", value => cachedInput = value);
        const string Expected = "USD per million tokens";
        return new(input ?? throw reader.Missing("Input", Expected), output ?? throw reader.Missing("Output", Expected), cachedInput);
    }

    private static ModelAbilities ReadAbilities(ConfigurationReader reader, IReadOnlyList<string> names)
    {
        ModelAbilities abilities = ModelAbilities.None;
        foreach (string name in names)
        {
            abilities |= Enum.TryParse(name, ignoreCase: true, out ModelAbilities ability) && !char.IsDigit(name[0]) && name[0] != '-'
                ? ability
                : throw reader.Error(nameof(ModelProfile.Abilities), name, string.Join(" or ", Enum.GetNames<ModelAbilities>()));
        }

        return abilities;
    }
}
