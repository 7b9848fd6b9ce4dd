using CsCheck;
using Microsoft.ML.OnnxRuntime;

namespace RouteLLM.Onnx.Tests.Models;

public class OnnxModelTests
{
    [Fact]
    public void A_model_says_what_it_takes_and_gives()
    {
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"));

        Assert.Equal(["input_ids", "attention_mask", "token_type_ids"], model.Inputs.Select(static input => input.Name));
        OnnxTensorInfo logits = Assert.Single(model.Outputs);
        Assert.Equal([-1, 3], logits.Shape);
        Assert.StartsWith("'logits' Float [", logits.ToString(), StringComparison.Ordinal);
        Assert.Equal(Golden.Folder("bert-uncased"), model.Folder);
    }

    [Fact]
    public void A_model_is_found_in_the_onnx_folder_or_by_its_file()
    {
        using ModelFolder folder = ModelFolder.Empty();
        string onnx = Directory.CreateDirectory(folder["onnx"]).FullName;
        OnnxGraph.SumOfIds(1).Save(onnx);
        using OnnxModel found = OnnxModel.Load(folder.Path);
        using OnnxModel named = OnnxModel.Load(folder.Path, new OnnxModelOptions { FileName = "onnx/model.onnx" });
        using OnnxModel file = OnnxModel.Load(Path.Combine(onnx, "model.onnx"));

        Assert.Equal(folder.Path, found.Folder);
        Assert.Equal(folder.Path, named.Folder);
        Assert.Equal(onnx, file.Folder);
    }

    [Fact]
    public void A_missing_model_is_named_with_what_is_there_instead()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.SumOfIds(1));
        File.Move(folder["model.onnx"], folder["model_quantized.onnx"]);

        OnnxModelException thrown = Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder.Path));
        Assert.Contains("'model.onnx' or 'onnx/model.onnx'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("'model_quantized.onnx'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(OnnxModelOptions.FileName), thrown.Message, StringComparison.Ordinal);
        Assert.Equal(folder.Path, thrown.ModelPath);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        using ModelFolder folder = ModelFolder.Empty();

        Assert.Contains("there is no such file or folder", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder["nowhere"])).Message, StringComparison.Ordinal);
        Assert.Contains("holds no .onnx file", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS")]
    [InlineData("<!DOCTYPE html><html>not found</html>", "ONNX Runtime cannot load it")]
    [InlineData("{}", "ONNX Runtime cannot load it")]
    public void A_file_that_is_no_model_is_refused(string content, string expected)
    {
        using ModelFolder folder = ModelFolder.Empty();
        File.WriteAllText(folder["model.onnx"], content);

        Assert.Contains(expected, Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_cut_off_or_altered_anywhere_is_refused_or_loads_but_never_crashes()
    {
        byte[] whole = File.ReadAllBytes(Golden.File("bert-uncased", "model.onnx"));
        using ModelFolder folder = ModelFolder.Empty();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Bool).Sample(
            (position, value, cut) =>
            {
                byte[] damaged = cut ? whole[..position] : [.. whole];
                if (!cut)
                {
                    damaged[position] = value;
                }

                File.WriteAllBytes(folder["model.onnx"], damaged);
                try
                {
                    OnnxModel.Load(folder.Path).Dispose();
                    Assert.False(cut && position < whole.Length / 2, "Half a model was loaded.");
                }
                catch (OnnxModelException)
                {
                }
            },
            iter: 150,
            threads: 1);
    }

    [Fact]
    public async Task External_data_are_found_beside_the_model_and_belong_to_its_fingerprint()
    {
        OnnxGraph graph = OnnxGraph.OverTokens();
        graph.Node("ReduceSum", ["tokens", graph.Constant(1L)], "sum", ("keepdims", 1))
            .Node("Mul", ["sum", graph.ExternalConstant("model.onnx_data", 0.0001f)], "logits")
            .Output("logits", OnnxGraph.Float, 0, 1);
        using ModelFolder folder = ModelFolder.Of(graph);
        string before;
        await using (BertClassifierRouter router = BertClassifierRouter.Load(folder.Path, new BertClassifierOptions { Activation = ClassifierActivation.None }))
        {
            int[] ids = router.GetService<PromptTokenizer>()!.Encode("hello").Ids.ToArray();
            Assert.Equal(ids.Sum() * 0.0001f, await router.PredictWinProbabilityAsync("hello", TestContext.Current.CancellationToken), 1e-6);
            before = router.GetService<RouterMetadata>()!.Fingerprint!;
        }

        File.WriteAllBytes(folder["model.onnx_data"], BitConverter.GetBytes(0.0002f));
        using (OnnxModel other = OnnxModel.Load(folder.Path))
        {
            Assert.Equal(64, before.Length);
            Assert.NotEqual(before, other.Fingerprint);
        }

        File.Delete(folder["model.onnx_data"]);
        Assert.Contains("model.onnx_data", Assert.Throws<OnnxModelException>(() => OnnxModel.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_session_is_made_as_the_options_say()
    {
        int? intra = null;
        using OnnxModel model = OnnxModel.Load(Golden.Folder("bert-uncased"), new OnnxModelOptions
        {
            IntraOpThreads = 1,
            InterOpThreads = 2,
            AllowSpinning = false,
            ConfigureSession = session =>
            {
                intra = session.IntraOpNumThreads;
                session.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
            },
        });

        Assert.Equal(1, intra);
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxModel.Load(Golden.Folder("bert-uncased"), new OnnxModelOptions { IntraOpThreads = 0 }));
    }

    [Fact]
    public void An_execution_provider_that_the_native_package_lacks_is_said_to_be_missing()
    {
        OnnxModelException thrown = Assert.ThrowsAny<OnnxModelException>(() =>
            OnnxModel.Load(Golden.Folder("bert-uncased"), new OnnxModelOptions { ConfigureSession = static session => session.AppendExecutionProvider_CUDA() }));
        Assert.Contains("CUDA", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_native_package_the_error_says_which_one_to_add()
    {
        // Assemblies of their own, whose native library cannot be found: the runtime's own error, from its own place.
        var context = new WithoutNativeLibrary();
        Type model = context.LoadFromAssemblyPath(typeof(OnnxModel).Assembly.Location).GetType(typeof(OnnxModel).FullName!)!;
        Exception thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => model.GetMethod(nameof(OnnxModel.Load))!.Invoke(null, [Golden.Folder("bert-uncased"), null])).InnerException!;

        Assert.Equal(typeof(OnnxRuntimeNotFoundException).FullName, thrown.GetType().FullName);
        Assert.Contains("the package Microsoft.ML.OnnxRuntime, version 1.31.1", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', thrown.Message);
    }
}
