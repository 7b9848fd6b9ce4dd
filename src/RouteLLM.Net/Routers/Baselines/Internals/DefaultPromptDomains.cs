namespace RouteLLM;

/// <summary>The table behind <see cref="DomainRouter.DefaultDomains"/>.</summary>
/// <remarks>
/// What a prompt asks for (to edit, translate, prove) goes before what it is about, since a pasted text to be translated may be about anything. Inflected forms are
/// listed where they are frequent.
/// </remarks>
internal static class DefaultPromptDomains
{
    /// <summary>A greeting in a longer message is only its opening.</summary>
    private const int SmallTalkMaxLength = 60;

    public static IReadOnlyList<PromptDomain> Create() => Array.AsReadOnly<PromptDomain>(
    [
        new("editing", 0.13,
            [
                "proofread", "fix the grammar", "correct the grammar", "correct the spelling", "grammar check", "typos", "summarize",
                "summarise", "tl;dr", "tldr", "rephrase", "reword", "make it shorter", "make this shorter", "more polite",
                "more formal", "rewrite this sentence", "extract all", "extract the", "要約", "校正", "言い換え", "誤字", "要点", "抽出", "总结", "摘要",
                "润色", "提取", "改写", "요약", "교정", "맞춤법", "zusammenfassen", "korrigiere", "rechtschreibung", "resumir", "corrige", "resuma",
                "résume", "résumer", "riassumi", "correggi", "перепиши", "исправь", "сократи",
            ]),
        new("translation", 0.2,
            [
                "translate", "translation of", "into english", "into french", "into german", "into spanish", "into japanese",
                "into chinese", "how do you say", "how do i say", "翻訳", "訳して", "英訳", "和訳", "英語で", "英語に", "日本語に", "翻译", "译成", "英文怎么说",
                "翻譯", "번역", "영어로", "한국어로", "übersetze", "auf englisch", "traduis", "traduire", "en anglais", "traduce", "traducir",
                "traduzca", "al inglés", "en inglés", "traduza", "em inglês", "traduci", "in inglese", "переведи", "по-английски",
                "przetłumacz", "vertaal", "dịch", "çevir", "ترجم", "अनुवाद", "แปล",
            ]),
        new("proof", 0.61,
            [
                "prove", "proof", "proofs", "disprove", "lemma", "theorem", "counterexample", "if and only if", "証明", "反例", "定理", "证明",
                "證明", "증명", "정리를", "beweise", "beweis", "zeige dass", "zeige, dass", "démontre", "démontrer", "démontrez", "prouver",
                "montrer que", "demuestra", "demuestre", "demostrar", "demostración", "demonstre", "dimostra", "dimostrare", "докажи",
                "доказать", "докажите", "udowodnij", "bewijs",
            ]),
        new("code", 0.3,
            [
                "python", "javascript", "typescript", "java", "c++", "c#", "rust", "golang", "kotlin", "swift", "php", "ruby", "sql",
                "html", "css", "bash", "regex", "git", "docker", "kubernetes", "linux", "react", "django", "postgres", "postgresql",
                "mysql", "sqlite", "mongodb", "redis", "kafka", "terraform", "nginx", "json", "yaml", "api", "apis", "code", "coding",
                "function", "functions", "algorithm", "compiler", "debug", "bug", "stack trace", "exception", "segfault",
                "race condition", "deadlock", "mutex", "thread-safe", "unit test", "unit tests", "microservice", "microservices",
                "database", "backend", "frontend", "npm", "numpy", "pandas", "excel formula", "コード", "関数", "プログラム", "アルゴリズム", "バグ",
                "データベース", "正規表現", "代码", "函数", "程序", "算法", "数据库", "正则", "程式", "코드", "함수", "알고리즘", "쿼리", "código", "función", "programm",
                "funktion", "fonction", "funzione", "функцию", "функция", "код",
            ], PromptCues.Code),
        new("math", 0.37,
            [
                "integral", "integrals", "derivative", "derivatives", "equation", "equations", "eigenvalue", "eigenvalues", "matrix",
                "matrices", "polynomial", "probability", "expected value", "variance", "calculus", "algebra", "geometry", "triangle",
                "modulo", "prime number", "prime numbers", "calculate", "compute", "solve for", "how many ways", "converge",
                "converges", "topology", "manifold", "方程式", "積分", "微分", "確率", "行列", "計算", "数学", "三角形", "方程", "概率", "矩阵", "计算", "积分",
                "機率", "방정식", "확률", "적분", "계산", "gleichung", "wahrscheinlichkeit", "berechne", "ableitung", "équation", "probabilité",
                "calculer", "calcule", "ecuación", "probabilidad", "calcula", "equação", "probabilidade", "equazione", "probabilità",
                "calcola", "уравнение", "вероятность", "вычисли",
            ], PromptCues.Formula),
        new("law", 0.42,
            [
                "legal", "legally", "lawsuit", "contract", "contracts", "clause", "liability", "liable", "court", "lawyer", "attorney",
                "statute", "gdpr", "copyright", "trademark", "patent", "landlord", "tenant", "custody", "plaintiff", "defendant", "法律",
                "契約", "訴訟", "判例", "著作権", "民法", "会社法", "労働基準法", "合同", "起诉", "侵权", "民法典", "刑法", "法院", "계약", "법적", "소송", "판례", "vertrag",
                "haftung", "rechtlich", "mietvertrag", "kündigung", "contrat", "juridique", "contrato", "jurídico", "demanda",
                "contratto", "договор", "закон", "суд", "umowa",
            ]),
        new("medicine", 0.35,
            [
                "symptom", "symptoms", "diagnosis", "diagnose", "patient", "patients", "dose", "dosage", "mg", "medication",
                "medications", "doctor", "clinical", "disease", "infection", "blood pressure", "diabetes", "antibiotic", "antibiotics",
                "vaccine", "症状", "診断", "患者", "薬", "投与", "血圧", "糖尿病", "诊断", "药", "剂量", "血压", "증상", "진단", "환자", "혈압", "symptome",
                "medikament", "arzt", "symptômes", "médicament", "médecin", "síntomas", "medicamento", "sintomas", "sintomi",
                "farmaco", "симптомы", "лекарство", "врач",
            ]),
        new("reasoning", 0.46,
            [
                "puzzle", "riddle", "logic", "logically", "deduce", "paradox", "step by step", "argument", "fallacy", "trade-off",
                "trade-offs", "tradeoff", "tradeoffs", "strategy", "critique", "evaluate", "analyze", "analyse", "compare", "パズル",
                "論理", "推論", "矛盾", "分析", "比較", "戦略", "逻辑", "推理", "悖论", "比较", "논리", "추론", "분석", "비교", "rätsel", "logik", "analysiere",
                "vergleiche", "logique", "énigme", "lógica", "acertijo", "analiza", "logica", "analizza", "логика", "анализ",
            ]),
        new("science", 0.28,
            [
                "physics", "quantum", "entropy", "thermodynamics", "chemistry", "molecule", "reaction", "biology", "protein", "dna",
                "gene", "evolution", "cell", "cells", "energy", "velocity", "orbit", "relativity", "electron", "electrons", "climate",
                "物理", "量子", "化学", "生物", "遺伝子", "細胞", "エネルギー", "基因", "细胞", "能量", "물리", "화학", "세포", "physik", "chemie", "physique",
                "chimie", "física", "química", "fisica", "chimica", "физика", "химия",
            ]),
        new("small-talk", 0.05,
            [
                "hi", "hello", "hey", "hiya", "yo", "thanks", "thank you", "thx", "bye", "goodbye", "good morning", "good night",
                "good evening", "how are you", "what's up", "lol", "ok", "okay", "cool", "nice", "great", "who are you", "こんにちは",
                "おはよう", "こんばんは", "ありがとう", "おやすみ", "元気", "はじめまして", "了解", "你好", "您好", "谢谢", "早上好", "晚安", "再见", "謝謝", "안녕", "감사", "고마워",
                "hallo", "danke", "guten morgen", "guten tag", "tschüss", "bonjour", "merci", "salut", "bonsoir", "hola", "gracias",
                "buenos días", "adiós", "olá", "obrigado", "obrigada", "bom dia", "ciao", "grazie", "buongiorno", "привет", "спасибо",
                "здравствуйте", "cześć", "dzięki", "dank je", "merhaba", "teşekkürler", "مرحبا", "شكرا", "नमस्ते", "धन्यवाद",
                "xin chào", "cảm ơn", "สวัสดี", "ขอบคุณ", "terima kasih", "asante", "jambo",
            ]) { MaxLength = SmallTalkMaxLength },
    ]);
}
