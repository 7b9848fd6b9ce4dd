namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>Split</c>: its <c>Name</c> and <c>Variants</c>, whose items have the names of <see cref="SplitVariant"/>'s properties. A key and variants' policies are set in code.</summary>
internal sealed class SplitConfiguration : IFeatureConfiguration
{
    public string Section => nameof(RoutedChatClientOptions.Split);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        TrafficSplit split = options.Split ??= new();
        section.Text(nameof(split.Name), value => split.Name = value);
        section.Items(nameof(split.Variants), item =>
        {
            var variant = new SplitVariant { Name = item.Text(nameof(SplitVariant.Name)) ?? throw item.Missing(nameof(SplitVariant.Name), "the variant's name") };
            item.Number(nameof(variant.Weight), value => variant.Weight = value);
            item.Share(nameof(variant.Threshold), value => variant.Threshold = value);
            item.Share(nameof(variant.StrongShare), value => variant.StrongShare = value);
            item.Text(nameof(variant.Router), value => variant.Router = value);
            item.Number(nameof(variant.ThresholdShift), value => variant.ThresholdShift = value, "a number in [-1, 1]");
            split.Variants.Add(variant);
        });
    }
}
