namespace RouteLLM.Onnx.Tests.Encoders;

public class EncoderSessionTests
{
    private static readonly ReadOnlyMemory<int>[] s_prompts = [(int[])[1, 2, 3], (int[])[4], (int[])[5, 6, 7, 8, 9]];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OnnxGraph.Int64, OnnxGraph.Float)]
    [InlineData(OnnxGraph.Int32, OnnxGraph.Float)]
    [InlineData(OnnxGraph.Int64, OnnxGraph.Half)]
    public void Ids_and_outputs_may_be_of_either_width_and_padding_counts_nothing(int idType, int outputType)
    {
        OnnxGraph graph = OnnxGraph.OverTokens(idType);
        graph.Node("ReduceSum", ["tokens", graph.Constant(1L)], "sum", ("keepdims", 1)).Node("Cast", ["sum"], "logits", ("to", outputType)).Output("logits", outputType, 0, 1);
        using ModelFolder folder = ModelFolder.Of(graph);
        using OnnxModel model = OnnxModel.Load(folder.Path);

        Assert.Equal([[6], [4], [35]], Session(model).Run(s_prompts, Token));
    }

    [Fact]
    public void A_model_of_one_row_and_fixed_length_takes_padded_prompts_one_by_one()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.SumOfIds(1, rows: 1, sequence: 8));
        using OnnxModel model = OnnxModel.Load(folder.Path);
        EncoderSession session = Session(model);

        Assert.Equal((1, 8), (session.LargestBatch, session.MaxTokens));
        Assert.Equal([[35]], session.Run([s_prompts[2]], Token));
    }

    [Fact]
    public void A_model_of_several_fixed_rows_is_filled_up()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.SumOfIds(1, rows: 4, sequence: 8));
        using OnnxModel model = OnnxModel.Load(folder.Path);

        Assert.Equal([[6], [4], [35]], Session(model).Run(s_prompts, Token));
    }

    [Fact]
    public void Ids_that_the_model_does_not_know_are_a_typed_error()
    {
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"));
        OnnxModelException thrown = Assert.Throws<OnnxModelException>(() => Session(model).Run([(int[])[1_000_000]], Token));

        Assert.Contains("the tokenizer is not the model's own", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_longer_than_the_model_takes_is_a_typed_error()
    {
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"));

        Assert.Throws<OnnxModelException>(() => Session(model).Run([new int[600]], Token));
    }

    [Fact]
    public void A_run_that_nobody_wants_any_more_ends_in_cancellation()
    {
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"));

        Assert.Throws<OperationCanceledException>(() => Session(model).Run(s_prompts, new CancellationToken(true)));
    }

    private static EncoderSession Session(OnnxModel model) => new(model, model.Output("logits"), static (row, _, _) => row.ToArray(), padId: 0);
}
