// Closes and opens the blocks of a picture that stands alone. What is closed is taken out of the height of the picture, where
// nothing else stands beside it; without this script the picture is as it was drawn.
(function () {
  "use strict";
  var svg = document.currentScript.parentNode;
  var HEAD = 28, FOOT = 8;
  var all = function (selector, within) { return Array.prototype.slice.call((within || svg).querySelectorAll(selector)); };
  var number = function (element, name) { return parseFloat(element.getAttribute(name)); };
  var height = number(svg, "height");

  // Where everything was drawn.
  var blocks = all("g.block.open").map(function (group) {
    var frame = group.querySelector(":scope > .frame");
    var top = number(frame, "y"), bottom = top + number(frame, "height");
    return { id: group.getAttribute("data-block"), group: group, frame: frame, top: top, bottom: bottom, closed: false };
  });
  var nodes = all("g.node").map(function (group) {
    var box = group.querySelector(":scope > .box");
    var top = number(box, "y");
    return { id: group.getAttribute("data-node"), group: group, top: top, bottom: top + number(box, "height") };
  });
  var byId = {};
  nodes.forEach(function (node) { byId[node.id] = node.group; });
  blocks.forEach(function (block) {
    var beside = nodes.concat(blocks).some(function (other) {
      var apart = other.bottom <= block.top || other.top >= block.bottom;
      return !apart && !block.group.contains(other.group) && !other.group.contains(block.group);
    });
    // Where something stands beside it, a block keeps its height.
    block.gap = beside ? [block.bottom, block.bottom] : [block.top + HEAD, block.bottom - FOOT];
  });
  var heads = all("g.head").map(function (group) {
    var id = group.getAttribute("data-block");
    var block = blocks.filter(function (one) { return one.id === id; })[0];
    return { group: group, block: block, sign: group.querySelector(".sign"), drawn: group.querySelector(".sign").getAttribute("d") };
  });
  var edges = all("g.edge").map(function (group) {
    var line = group.querySelector("path:not(.arrow)"), arrow = group.querySelector(".arrow"), label = group.querySelector("text");
    return {
      group: group, line: line, arrow: arrow, label: label,
      from: byId[group.getAttribute("data-from")], to: byId[group.getAttribute("data-to")],
      points: line.getAttribute("d").match(/[MLQ][^MLQ]*/g).map(function (step) {
        return { kind: step[0], at: step.slice(1).trim().split(/ +/).map(Number) };
      }),
      tip: arrow && arrow.getAttribute("d").slice(1).split(/[L ]/).slice(0, 2).map(Number)
    };
  });

  // The outermost closed block that something stands in.
  function around(group) {
    return blocks.filter(function (block) { return block.closed && block.group !== group && block.group.contains(group); })[0];
  }
  // Where a height has moved to.
  function moved(y) {
    return blocks.reduce(function (now, block) {
      if (!block.closed || around(block.group)) return now;
      return now - Math.max(0, Math.min(y, block.gap[1]) - block.gap[0]);
    }, y);
  }
  function show(element, shown) { if (element) element.style.display = shown ? "" : "none"; }
  function shift(element, x, y) { if (element) element.setAttribute("transform", "translate(" + x + " " + y + ")"); }

  function line(edge, into, out) {
    var steps = [], end = null;
    edge.points.forEach(function (step) {
      var y = step.at[step.at.length - 1], x = step.at[step.at.length - 2];
      if (into && y > into.top) { end = end || [x, into.top]; return; }
      if (out && y < out.bottom) { steps = [{ kind: "M", at: [x, out.bottom] }]; return; }
      if (out && !steps.length) steps.push({ kind: "M", at: [x, out.bottom] });
      steps.push({ kind: steps.length ? step.kind : "M", at: step.at });
    });
    if (end) steps.push({ kind: "L", at: end });
    edge.line.setAttribute("d", steps.map(function (step) {
      return step.kind + step.at.map(function (value, at) { return at % 2 ? moved(value) : value; }).join(" ");
    }).join(""));
    if (!edge.arrow) return;
    var tip = end || edge.tip;
    shift(edge.arrow, tip[0] - edge.tip[0], moved(tip[1]) - edge.tip[1]);
  }

  function draw() {
    blocks.forEach(function (block) {
      show(block.group, !around(block.group));
      block.frame.setAttribute("y", moved(block.top));
      block.frame.setAttribute("height", moved(block.bottom) - moved(block.top));
    });
    nodes.forEach(function (node) { show(node.group, !around(node.group)); shift(node.group, 0, moved(node.top) - node.top); });
    heads.forEach(function (head) {
      show(head.group, !around(head.block.group));
      shift(head.group, 0, moved(head.block.top) - head.block.top);
      var start = head.drawn.slice(1).split(/[h ]/).slice(0, 2).map(Number);
      var closed = "M" + (start[0] + 2) + " " + (start[1] - 2) + "l6 4.5l-6 4.5z";
      head.sign.setAttribute("d", head.block.closed ? closed : head.drawn);
    });
    edges.forEach(function (edge) {
      var out = around(edge.from), into = around(edge.to);
      show(edge.group, !(out && out === into));
      show(edge.label, !out);
      if (out && out === into) return;
      line(edge, into, out);
      if (edge.label) shift(edge.label, 0, moved(edge.points[0].at[1]) - edge.points[0].at[1]);
    });
    var now = moved(height);
    svg.setAttribute("height", now);
    svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + now);
  }

  heads.forEach(function (head) {
    head.group.setAttribute("tabindex", "0");
    head.group.setAttribute("role", "button");
    var toggle = function () { head.block.closed = !head.block.closed; draw(); };
    head.group.addEventListener("click", toggle);
    head.group.addEventListener("keydown", function (event) { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); } });
  });
})();
