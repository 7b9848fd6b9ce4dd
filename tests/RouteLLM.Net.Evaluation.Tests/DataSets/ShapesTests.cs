namespace RouteLLM.Evaluation.Tests;

public class ShapesTests
{
    [Fact]
    public void Response_files_of_RouteLLM_have_a_column_a_model()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("mmlu_anatomy.csv", "prompt,mixtral-8x7b-instruct-v0.1,gpt-4-1106-preview,gpt-4-1106-preview_response\n\"Where?\nA. here\",False,True,\"A, of course\"\nWhy?,True,True,\n");
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(path, new() { Shape = RowShape.RouteLlm })];
        Assert.Equal([("mmlu_anatomy/1", "mmlu_anatomy", "Where?\nA. here"), ("mmlu_anatomy/2", "mmlu_anatomy", "Why?")], rows.Select(static row => (row.Id, row.Source, row.Prompt)));
        Assert.Equal([("mixtral-8x7b-instruct-v0.1", 0), ("gpt-4-1106-preview", 1)], rows[0].Scores.Select(static score => (score.Key, score.Value)));
    }

    [Theory]
    [InlineData("routerbench.csv", "sample_id,prompt,eval_name,gpt-4,meta/llama,gpt-4|model_response,gpt-4|total_cost,meta/llama|total_cost,oracle_model_to_route_to\nmmlu.val.1,['Where?'],mmlu-anatomy,1.0,0.0,A,0.003,0.0001,gpt-4\n")]
    [InlineData("routerbench.jsonl", """{"sample_id":"mmlu.val.1","prompt":"['Where?']","eval_name":"mmlu-anatomy","gpt-4":1.0,"meta/llama":0.0,"gpt-4|model_response":"A","gpt-4|total_cost":0.003,"meta/llama|total_cost":0.0001,"oracle_model_to_route_to":"gpt-4"}""")]
    public void Tables_of_RouterBench_have_scores_and_costs_by_model(string name, string text)
    {
        using var folder = new TemporaryFolder();
        EvaluationRow row = Assert.Single(EvaluationRowReader.ReadFile(folder.Write(name, text), new() { Shape = RowShape.RouterBench }));
        Assert.Equal(("mmlu.val.1", "mmlu-anatomy", "['Where?']"), (row.Id, row.Source, row.Prompt));
        Assert.Equal((1, 0, 0.003, 0.0001), (row.Scores["gpt-4"], row.Scores["meta/llama"], row.Costs["gpt-4"], row.Costs["meta/llama"]));
        Assert.Equal((2, 2), (row.Scores.Count, row.Costs.Count));
    }

    [Fact]
    public void Answers_of_RouterArena_become_one_row_a_prompt()
    {
        using var folder = new TemporaryFolder();
        static string Answer(string id, string model, double score, double cost) =>
            FormattableString.Invariant($$$"""{"global_index":"{{{id}}}","question":"Question {{{id}}}","llm_selected":"{{{model}}}","generated_answer":"42","token_usage":{"input_tokens":349,"output_tokens":120,"total_tokens":469},"success":true,"evaluation_result":{"extracted_answer":"42","ground_truth":"610","score":{{{score}}},"metric":"math_metric","inference_cost":{{{cost}}}}}""");
        string one = folder.Write("one.jsonl", $"{Answer("AIME_112", "haiku", 0, 0.0002)}\n{Answer("Arc_MMLU_7", "haiku", 1, 0.0001)}\n");
        string two = folder.Write("two.jsonl", $"{Answer("AIME_112", "opus", 1, 0.02)}\n");
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFiles([one, two], new() { Shape = RowShape.RouterArena })];
        Assert.Equal([("AIME_112", "AIME", "Question AIME_112", "610"), ("Arc_MMLU_7", "Arc_MMLU", "Question Arc_MMLU_7", "610")], rows.Select(static row => (row.Id, row.Source, row.Prompt, row.Reference!)));
        Assert.Equal((0, 1, 0.02, new TokenUsage(349, 120)), (rows[0].Scores["haiku"], rows[0].Scores["opus"], rows[0].Costs["opus"], rows[0].Tokens["haiku"]));
        Assert.Equal("haiku", Assert.Single(rows[1].Scores).Key);

        var twice = Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFiles([one, one], new() { Shape = RowShape.RouterArena }).Count());
        Assert.Contains("a score of \"haiku\"", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prediction_files_of_RouterArena_are_one_array()
    {
        using var folder = new TemporaryFolder();
        const string Text = """
            [
              {"global index": "AIME_1", "prompt": "Why?", "prediction": "small", "generated_result": {"generated_answer": "x", "success": true, "token_usage": {"input_tokens": 10, "output_tokens": 20}, "error": null}, "cost": 0.001, "accuracy": 1, "for_optimality": false},
              {"global index": "AIME_1", "prompt": "Why?", "prediction": "big", "generated_result": null, "cost": null, "accuracy": null, "for_optimality": true}
            ]
            """;
        EvaluationRow row = Assert.Single(EvaluationRowReader.ReadFile(folder.Write("router.json", Text), new() { Shape = RowShape.RouterArena }));
        Assert.Equal(("AIME_1", 1, 0.001, new TokenUsage(10, 20)), (row.Id, row.Scores["small"], row.Costs["small"], row.Tokens["small"]));
        Assert.Single(row.Scores);
    }

    [Fact]
    public void MT_Bench_has_the_mean_grade_of_both_turns()
    {
        using var folder = new TemporaryFolder();
        string questions = folder.Write("question.jsonl", """
            {"question_id": 81, "category": "writing", "turns": ["Write.", "Again."]}
            {"question_id": 82, "category": "math", "turns": ["Count.", "Again."]}

            """);
        string judgements = folder.Write("judgements.jsonl", """
            {"question_id": 81, "model": "big", "judge": ["gpt-4", "x"], "score": 10, "turn": 1}
            {"question_id": 81, "model": "big", "judge": ["gpt-4", "x"], "score": 7, "turn": 2}
            {"question_id": 81, "model": "small", "score": 3, "turn": 1}
            """);
        EvaluationRow row = Assert.Single(EvaluationRowReader.ReadMtBench(questions, judgements));
        Assert.Equal(("mt_bench/81", "mt_bench/writing", "Write."), (row.Id, row.Source, row.Prompt));
        Assert.Equal((8.5, 3), (row.Scores["big"], row.Scores["small"]));

        string wrong = folder.Write("wrong.jsonl", """
            {"question_id": 81, "model": "big", "score": 10}
            {"question_id": 81, "model": "big", "score": -1}
            """);
        Assert.Equal((wrong, 2), Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadMtBench(questions, wrong)) is var grade ? (grade.File, grade.Line) : default);
        Assert.Equal((questions, 1), Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadMtBench(questions, questions)) is var other ? (other.File, other.Line) : default);
    }

    [Fact]
    public void Pickled_files_are_refused_with_a_way_out()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("to_parquet", Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFile(folder.Write("routerbench_0shot.pkl", "x"), new() { Shape = RowShape.RouterBench }).Count()).Message, StringComparison.Ordinal);
    }
}
