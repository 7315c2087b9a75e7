import keras
from keras import layers as L
from make import Input, mask, x


def state(name, units):
    return Input(name, "f32", units)


def add(cases):
    def rnn(kind, name, text, row, **settings):
        layer = getattr(L, kind)(**settings)
        cases.add(f"{kind.lower()}_{name}", f"{kind}({text}) as out", layer, x(*row))

    for kind in ["SimpleRNN", "LSTM", "GRU"]:
        rnn(kind, "plain", "3", [5, 2], units=3)
        rnn(kind, "sequences", "3, return_sequences=true", [4, 2], units=3, return_sequences=True)
        rnn(kind, "backwards", "3, go_backwards=true", [4, 2], units=3, go_backwards=True)
        rnn(kind, "sequences_backwards", "3, return_sequences=true, go_backwards=true", [4, 2], units=3, return_sequences=True, go_backwards=True)
        rnn(kind, "no_bias", "2, use_bias=false", [4, 3], units=2, use_bias=False)
        rnn(kind, "activation", "2, activation=relu", [4, 3], units=2, activation="relu")
        rnn(kind, "linear", "2, activation=linear", [3, 3], units=2, activation="linear")
        rnn(kind, "dropout_in_inference", "2, dropout=0.5", [3, 2], units=2, dropout=0.5)
        rnn(kind, "one_step", "3", [1, 2], units=3)
    for kind in ["LSTM", "GRU"]:
        rnn(kind, "gates", "2, recurrent_activation=hard_sigmoid", [4, 3], units=2, recurrent_activation="hard_sigmoid")
    rnn("GRU", "reset_before", "3, reset_after=false, return_sequences=true", [4, 2], units=3, reset_after=False, return_sequences=True)
    rnn("GRU", "reset_before_no_bias", "3, reset_after=false, use_bias=false", [4, 2], units=3, reset_after=False, use_bias=False)
    for kind in ["SimpleRNN", "GRU"]:
        layer = getattr(L, kind)(3, return_sequences=True)
        cases.add(
            f"{kind.lower()}_initial_state",
            f"{kind}(3, return_sequences=true, initial_state=h) as out",
            layer,
            x(4, 2),
            state("h", 3),
            call=lambda x, h, training, layer=layer: layer(x, initial_state=[h]),
        )
    lstm = L.LSTM(3, return_sequences=True)
    cases.add(
        "lstm_initial_state",
        "LSTM(3, return_sequences=true, initial_state=[h, c]) as out",
        lstm,
        x(4, 2),
        state("h", 3),
        state("c", 3),
        call=lambda x, h, c, training: lstm(x, initial_state=[h, c]),
    )
    encoder, decoder = L.LSTM(3, return_state=True), L.LSTM(3, return_sequences=True)

    def seq2seq(x, y, training):
        _, h, c = encoder(x)
        return decoder(y, initial_state=[h, c])

    cases.add(
        "lstm_state_of_another",
        "LSTM(3) as encoder\ny |> LSTM(3, return_sequences=true, initial_state=encoder.state) as out",
        {"encoder": encoder, "out": decoder},
        x(4, 2),
        Input("y", "f32", 3, 2),
        call=seq2seq,
    )
    backwards = L.GRU(3, return_state=True, go_backwards=True)
    cases.add(
        "gru_state_backwards",
        "GRU(3, go_backwards=true) as rnn\nrnn.state",
        {"rnn": backwards},
        x(4, 2),
        call=lambda x, training: backwards(x)[1],
    )

    def masked(kind, name, text, units=3, first=(), **settings):
        """`mask=` of a layer that is called with it; what else it is called with is its first state."""
        layer = getattr(L, kind)(units, **settings)
        cases.add(
            f"{kind.lower()}_masked_{name}",
            f"{kind}({units}, mask=mask{text}) as out",
            layer,
            x(6, 2),
            mask(6),
            *first,
            call=lambda x, mask, *first, training: layer(x, mask=mask, initial_state=list(first) or None),
        )

    for kind in ["SimpleRNN", "LSTM", "GRU"]:
        backwards = dict(return_sequences=True, go_backwards=True)
        zero = "zero_output_for_mask=true"
        masked(kind, "last", "")
        masked(kind, "sequences", ", return_sequences=true", return_sequences=True)
        masked(kind, "backwards", ", go_backwards=true", go_backwards=True)
        masked(kind, "sequences_backwards", ", return_sequences=true, go_backwards=true", **backwards)
        masked(kind, "zeros", f", {zero}", zero_output_for_mask=True)
        masked(kind, "zeros_sequences", f", {zero}, return_sequences=true", zero_output_for_mask=True, return_sequences=True)
        masked(kind, "zeros_backwards", f", {zero}, return_sequences=true, go_backwards=true", zero_output_for_mask=True, **backwards)
        names = ["h", "c"] if kind == "LSTM" else ["h"]
        given = f"[{', '.join(names)}]" if kind == "LSTM" else "h"
        masked(
            kind,
            "initial_state",
            f", return_sequences=true, initial_state={given}",
            first=[state(name, 3) for name in names],
            return_sequences=True,
        )
        # What the next layer begins with is the state after the last step that counts.
        encoder, decoder = getattr(L, kind)(2, return_state=True), getattr(L, kind)(2)
        cases.add(
            f"{kind.lower()}_masked_state",
            f"{kind}(2, mask=mask) as encoder\nx |> {kind}(2, initial_state=encoder.state) as out",
            {"encoder": encoder, "out": decoder},
            x(5, 2),
            mask(5),
            call=lambda x, mask, training, encoder=encoder, decoder=decoder: decoder(x, initial_state=encoder(x, mask=mask)[1:]),
        )
        for sequences in [False, True]:
            more = ", return_sequences=true" if sequences else ""
            layer = L.Bidirectional(getattr(L, kind)(2, return_sequences=sequences))
            cases.add(
                f"bidirectional_{kind.lower()}_masked{'_sequences' if sequences else ''}",
                f"Bidirectional({kind}(2{more}), mask=mask) as out",
                layer,
                x(6, 3),
                mask(6),
                call=lambda x, mask, training, layer=layer: layer(x, mask=mask),
            )

    for kind in ["SimpleRNN", "LSTM", "GRU"]:
        for mode in ["concat", "sum", "mul", "ave"]:
            for sequences in [False, True]:
                more = ", return_sequences=true" if sequences else ""
                layer = L.Bidirectional(getattr(L, kind)(2, return_sequences=sequences), merge_mode=mode)
                cases.add(
                    f"bidirectional_{kind.lower()}_{mode}{'_sequences' if sequences else ''}",
                    f"Bidirectional({kind}(2{more}), merge_mode={mode}) as out",
                    layer,
                    x(4, 3),
                )
    # In training every feature is dropped at all steps or at none. Of many features the mean tells how often.
    cases.noise(
        "simplernn_dropout",
        "SimpleRNN(1, activation=linear, kernel_initializer=constant(0.005), recurrent_initializer=zeros, use_bias=false, "
        "dropout=0.5, return_sequences=true) as out",
        L.SimpleRNN(
            1,
            activation="linear",
            kernel_initializer=keras.initializers.Constant(0.005),
            recurrent_initializer="zeros",
            use_bias=False,
            dropout=0.5,
            return_sequences=True,
            seed=7,
        ),
        [4, 400],
    )
    cases.add("timedistributed_dense", "TimeDistributed(Dense(4, activation=relu)) as out", L.TimeDistributed(L.Dense(4, activation="relu")), x(3, 5))
    cases.add("timedistributed_conv", "TimeDistributed(Conv2D(2, 2)) as out", L.TimeDistributed(L.Conv2D(2, 2)), x(3, 3, 4, 2))
    cases.add("timedistributed_flatten", "TimeDistributed(Flatten()) as out", L.TimeDistributed(L.Flatten()), x(3, 2, 4))
    cases.add("timedistributed_lstm", "TimeDistributed(LSTM(2)) as out", L.TimeDistributed(L.LSTM(2)), x(2, 3, 4))
