// Copies a table as tab-separated text, for spreadsheets.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const table = document.getElementById(button.dataset.copy);
    const text = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(table);
      button.textContent = "Selected: copy with the keyboard";
    }
  });
}

// Plays the lattice: two cells a letter, five states a cell, the fifth an empty place.
for (const player of document.querySelectorAll(".player")) {
  const data = JSON.parse(player.querySelector("script").textContent);
  const canvas = player.querySelector("canvas");
  const [button, slider, output] = ["button", "input", "output"].map((name) => player.querySelector(name));
  const pen = canvas.getContext("2d");
  canvas.width = data.columns;
  canvas.height = data.rows;
  const show = () => {
    const [label, letters] = data.frames[slider.value];
    pen.clearRect(0, 0, data.columns, data.rows);
    for (let cell = 0; cell < data.columns * data.rows; cell += 1) {
      const pair = letters.charCodeAt(cell >> 1) - 97;
      const phase = cell % 2 ? pair % 5 : Math.floor(pair / 5);
      if (phase === 4) continue;
      pen.fillStyle = data.colours[phase];
      pen.fillRect(cell % data.columns, Math.floor(cell / data.columns), 1, 1);
    }
    output.textContent = label;
  };
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (slider.value === slider.max) slider.value = 0;
    button.textContent = "Pause";
    timer = setInterval(() => {
      if (slider.value === slider.max) return stop();
      slider.value = Number(slider.value) + 1;
      show();
    }, 100);
  });
  slider.addEventListener("input", () => {
    stop();
    show();
  });
  slider.value = slider.max;
  show();
}
